async function copyText(text, source) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Pages opened from a file may not reach the clipboard: the text is at least selected.
    getSelection().selectAllChildren(source)
    return document.execCommand('copy')
  }
}

/** Buttons that copy the text beside them. */
export function startCopying() {
  for (const button of document.querySelectorAll('button.copy')) {
    const source = button.parentElement.querySelector('code')
    button.addEventListener('click', async () => {
      const copied = await copyText(source.textContent, source)
      button.textContent = copied ? 'Copied' : 'Selected: press Ctrl+C'
      setTimeout(() => (button.textContent = 'Copy'), 2000)
    })
  }
}

/** Switches between light and dark; until then the page follows the system. */
export function startTheme() {
  const button = document.getElementById('theme')
  const system = matchMedia('(prefers-color-scheme: dark)')
  const show = () => {
    const theme = document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')
    button.textContent = theme === 'dark' ? 'Light' : 'Dark'
    button.setAttribute('aria-label', `Use ${theme === 'dark' ? 'light' : 'dark'} colours`)
    return theme
  }
  button.addEventListener('click', () => {
    document.documentElement.dataset.theme = show() === 'dark' ? 'light' : 'dark'
    show()
  })
  system.addEventListener('change', show)
  show()
}

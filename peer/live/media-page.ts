const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character])

export interface PageFile {
  readonly path: string
  readonly url: string
  readonly playlistUrl: string
  readonly type: string
}

/** The page that a browser is shown: a player, and links for other players. */
export function mediaPage(name: string, files: readonly PageFile[]): string {
  const player = ({ type, url }: PageFile): string => {
    const kind = /^(audio|video)\//.exec(type)?.[1]
    return kind === undefined ? '' : `<${kind} controls preload="none" src="${escape(url)}"></${kind}>`
  }
  const items = files.map(
    (file) =>
      `<li>${escape(file.path)}: <a href="${escape(file.url)}">file</a>, ` +
      `<a href="${escape(file.playlistUrl)}">playlist</a><br>${player(file)}</li>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(name)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em}video{max-width:100%}</style>
<h1>${escape(name)}</h1>
<ul>
${items.join('\n')}
</ul>
</html>
`
}

import { describe, expect, it } from 'vitest'
import { html, inlineJson } from './html.ts'

describe('html', () => {
  it('escapes text, keeps markup, and prints nothing for null and false', () => {
    const item = html`<li title="${`"'`}">${'<b>&'}</li>`
    expect(item.text).toBe('<li title="&quot;&#39;">&lt;b&gt;&amp;</li>')
    expect(html`${[item, null, 0]}${false}${undefined}!`.text).toBe(`${item.text}0!`)
  })

  it('writes JSON that cannot leave its script element', () => {
    const value = { text: '</script><!--\u2028\u2029&' }
    const { text } = inlineJson(value)
    expect(text).not.toMatch(/[<>&\u2028\u2029]/)
    expect(JSON.parse(text)).toEqual(value)
  })
})

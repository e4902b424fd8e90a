import { expect, it } from 'vitest'
import { parseStunServer, parseTurnServer } from './ice-servers.ts'

it('reads STUN servers as people write them', () => {
  expect(parseStunServer('stun.example.org')).toBe('stun.example.org:3478')
  expect(parseStunServer('stun:192.0.2.1:19302')).toBe('192.0.2.1:19302')
  expect(parseStunServer('[2001:db8::1]')).toBe('[2001:db8::1]:3478')
  for (const text of ['', 'a:b', 'http://a', 'a:0', 'a:70000'])
    expect(() => parseStunServer(text)).toThrow(/invalid STUN server: ".*" \(HOST or HOST:PORT expected\)/)
})

it('reads TURN servers as people write them', () => {
  const server = { hostname: 'turn.example.org', port: 3478, username: 'me', password: 'se:cret' }
  expect(parseTurnServer('me:se%3Acret@turn.example.org')).toEqual(server)
  expect(parseTurnServer('turn:me:se%3Acret@turn.example.org:443?transport=udp')).toEqual({
    ...server,
    port: 443,
  })
})

it('does not repeat a password in what it says', () => {
  for (const text of ['me:secret@', 'me:secret@a:b', 'me:secret@a?transport=tcp', 'm%e:secret@a'])
    expect(() => parseTurnServer(text)).toThrow(/invalid TURN server: "m[^"]*:…@.*USER:PASSWORD@HOST/)
  expect(() => parseTurnServer('turn.example.org')).toThrow('invalid TURN server: "turn.example.org"')
})

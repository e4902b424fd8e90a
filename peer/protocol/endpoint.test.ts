import { describe, expect, it } from 'vitest'
import { endpointOf, formatEndpoint, isHttpAddress, parseEndpoint } from './endpoint.ts'

describe('endpoints', () => {
  it.each([
    ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['example.org:65535', { host: 'example.org', port: 65535 }],
    ['[::1]:0', { host: '::1', port: 0 }],
  ])('reads and writes %s', (address, endpoint) => {
    expect(parseEndpoint(address)).toEqual(endpoint)
    expect(formatEndpoint(endpoint.host, endpoint.port)).toBe(address)
  })

  it.each([
    '',
    ':80',
    'host',
    'host:',
    'host:65536',
    'host:-1',
    '::1:80',
    '[host]:80',
    'a b:80',
    'http://a:80',
  ])('refuses %j', (address) => {
    expect(() => parseEndpoint(address)).toThrow(/host:port expected/)
  })

  it('believes a port and never a host', () => {
    expect(endpointOf('192.0.2.1', '10.0.0.1:4000')).toBe('192.0.2.1:4000')
    expect(endpointOf('::ffff:192.0.2.1', 'x:4000')).toBe('192.0.2.1:4000')
    expect(endpointOf('2001:db8::1', '0.0.0.0:4000')).toBe('[2001:db8::1]:4000')
    for (const named of ['', 'host', 'host:0', 'host:70000']) expect(endpointOf('192.0.2.1', named)).toBe('')
  })

  it('knows tracker URLs', () => {
    expect(['http://a', 'HTTPS://a:1/b', 'a:80', 'ftp://a'].map(isHttpAddress)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REGIONS } from '../../sim/region-rtt.ts'
import { openGeoIp } from './geoip.ts'
import { makeMmdb } from './geoip.testing.ts'

let folder: string
let path: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seedbed-geoip-'))
  path = join(folder, 'test.mmdb')
  const place = (country: string, continent: string, longitude?: number) => ({
    country: { iso_code: country },
    continent: { code: continent },
    ...(longitude === undefined ? {} : { location: { longitude } }),
  })
  writeFileSync(
    path,
    makeMmdb({
      '192.0.2.0/24': place('DE', 'EU'),
      '198.51.100.0/25': place('US', 'NA', -122.5),
      '198.51.100.128/25': place('US', 'NA', -74.5),
      '203.0.113.0/24': place('IN', 'AS'),
      '2001:db8::/32': place('JP', 'AS'),
      '10.0.0.0/8': { region: 'campus' },
      '11.0.0.0/8': { region: 'x'.repeat(64) },
    }),
  )
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('GeoIP', () => {
  it.each([
    ['192.0.2.7', 'eu-west'],
    ['::ffff:192.0.2.7', 'eu-west'],
    ['198.51.100.1', 'na-west'],
    ['198.51.100.200', 'na-east'],
    ['203.0.113.9', 'south-asia'],
    ['2001:db8::1', 'east-asia'],
    ['fe80::1%eth0', ''],
    ['127.0.0.1', ''],
    ['11.1.1.1', ''],
  ])('%s lies in %j', (host, region) => {
    expect(openGeoIp(path)(host)).toBe(region)
    if (region !== '') expect(REGIONS).toContain(region)
  })

  it('takes the names of regions that a database of one’s own gives', () => {
    const regionOf = openGeoIp(path)
    expect([regionOf('10.1.2.3'), regionOf('10.1.2.3')]).toEqual(['campus', 'campus'])
  })

  it('says what is wrong with a file', () => {
    writeFileSync(join(folder, 'bad.mmdb'), 'no database')
    expect(() => openGeoIp(join(folder, 'bad.mmdb'))).toThrow(/^invalid GeoIP database: ".*bad\.mmdb" \(/)
    expect(() => openGeoIp(join(folder, 'none.mmdb'))).toThrow(/ENOENT.*\.mmdb file in MaxMind/)
  })
})

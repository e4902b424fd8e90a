import { readFileSync } from 'node:fs'
import { Reader } from 'mmdb-lib'
import { z } from 'zod'
import { LIMITS } from '../../peer/protocol/limits.ts'
import { SettingError } from './errors.ts'
import { regionOfPlace } from './geoip-regions.ts'

/** Hosts whose region is remembered: looking one up takes a few microseconds, an announce not many more. */
const REMEMBERED = 50_000

const record = z.object({
  /** Of a database of one's own: the region's name as it is. */
  region: z.string().max(LIMITS.labelBytes).optional().catch(undefined),
  country: z.object({ iso_code: z.string() }).optional().catch(undefined),
  continent: z.object({ code: z.string() }).optional().catch(undefined),
  location: z.object({ longitude: z.number() }).optional().catch(undefined),
})

/**
 * Tells the region of an IP address by a database in MaxMind's format: country or city, or one of one's own whose records hold
 * `region`. Unknown addresses are in no region: ''. Throws SettingError.
 */
export function openGeoIp(path: string): (host: string) => string {
  const reader = open(path)
  const known = new Map<string, string>()
  return (host) => {
    const before = known.get(host)
    if (before !== undefined) return before
    const region = regionOf(reader, host)
    if (known.size >= REMEMBERED) known.delete(known.keys().next().value!)
    known.set(host, region)
    return region
  }
}

function open(path: string): Reader<object> {
  try {
    return new Reader(readFileSync(path))
  } catch (cause) {
    throw new SettingError(
      `invalid GeoIP database: ${JSON.stringify(path)} (${(cause as Error).message}; a .mmdb file in MaxMind's format expected)`,
      { cause },
    )
  }
}

function regionOf(reader: Reader<object>, host: string): string {
  const address = host.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
  const parsed = record.safeParse(reader.get(address) ?? {})
  if (!parsed.success) return ''
  const { region, country, continent, location } = parsed.data
  return region ?? regionOfPlace(country?.iso_code ?? '', continent?.code ?? '', location?.longitude ?? NaN)
}

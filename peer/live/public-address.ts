import { BlockList, isIP, isIPv4 } from 'node:net'

/** Addresses that lead to a machine or network of one's own, or to nobody in particular (RFC 6890). */
const special = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, bits)
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  special.addSubnet(network, bits, 'ipv6')

/** An IPv4 address in the clothes of IPv6 is named by nobody who means well. */
const MAPPED = /^::ffff:/i

/** Whether an IPv4 address belongs to the public internet. */
export const isPublicIpv4 = (host: string): boolean => isIPv4(host) && isPublicAddress(host)

/** Whether an IP address belongs to the public internet. */
export const isPublicAddress = (host: string): boolean =>
  isIP(host) !== 0 && !MAPPED.test(host) && !special.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')

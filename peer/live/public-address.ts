import { BlockList, isIPv4 } from 'node:net'

/** Addresses that lead to a machine or network of one's own, or to nobody in particular (RFC 6890). */
const special = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, bits)

/** Whether an IPv4 address belongs to the public internet. */
export const isPublicIpv4 = (host: string): boolean => isIPv4(host) && !special.check(host)

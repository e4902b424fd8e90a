import type { LinkDownReason } from '../peer/ports/network.ts'
import { CONNECTING, DOWN, type LinkEnd } from './link-end.ts'
import type { SimNetwork } from './sim-network.ts'

/** When a first packet that is lost is sent again. */
const FIRST_RETRY_MS = 1_000

/** A dialler's first packet comes to a host. */
export function firstKnock(end: LinkEnd, target: SimNetwork): void {
  knock(end, target, FIRST_RETRY_MS)
}

/** A dialler hears that it has been let in. */
export function linkReady(end: LinkEnd): void {
  if (end.state !== CONNECTING) return
  if (end.records.isAmongPeers(end.slot)) end.network.fabric.peerDials.up++
  end.network.bringUp(end, false)
}

/** The end of a link hears that it is gone, or has failed; harmless where that is known. */
export function hearDown(end: LinkEnd, reason: LinkDownReason): void {
  if (end.state !== DOWN) end.network.hearDown(end, reason)
}

/** A packet that is not heard is sent again after doubling pauses (RFC 6298), until the dialler gives up. */
function knock(end: LinkEnd, target: SimNetwork, pauseMs: number): void {
  if (end.state !== CONNECTING) return
  const { kernel, settings } = target.fabric
  if (!isHeard(end, target)) {
    if (pauseMs - FIRST_RETRY_MS > settings.connectTimeoutMs) hearDown(end, 'unreachable')
    else kernel.schedule(pauseMs, () => knock(end, target, 2 * pauseMs))
  } else if (target.presence === 'listening') target.accept(end)
  else if (target.presence === 'closed')
    kernel.schedule(end.oneWayMs, hearDown, end, 'refused' as LinkDownReason)
  else
    kernel.schedule(
      Math.max(0, settings.connectTimeoutMs - end.oneWayMs),
      hearDown,
      end,
      'unreachable' as LinkDownReason,
    )
}

/** Whether a dialler's first packet reaches a host, and that has room for one more link. */
function isHeard({ network }: LinkEnd, target: SimNetwork): boolean {
  const { cuts, unread } = target.fabric
  return !(cuts.isAny && cuts.separates(network, target)) && !(unread.isAny && !unread.takes(target))
}

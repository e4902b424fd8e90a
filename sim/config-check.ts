import { atLeast, positiveSum, region, share, whole } from './check-values.ts'
import type { SimConfig } from './config.ts'
import { SimConfigError } from './errors.ts'
import { checkFault } from './faults/check.ts'
import { checkNetwork } from './network-check.ts'
import { checkWorkload } from './workloads.ts'

/** Throws SimConfigError where a config cannot be simulated. Shape and types are the caller's business. */
export function checkSimConfig(config: SimConfig): void {
  const { swarm, churn, network, recording, checks } = config
  atLeast('durationLimitS', config.durationLimitS, 0.001)
  whole('swarm.peers', swarm.peers, 1, 1_000_000)
  whole('swarm.trackers', swarm.trackers, 1, 16)
  whole('swarm.initialSeeds', swarm.initialSeeds, 0, 100_000)
  checkWorkload(config)
  if (swarm.origin) {
    atLeast('swarm.origin.upBps', swarm.origin.upBps, 1)
    atLeast('swarm.origin.downBps', swarm.origin.downBps, 1)
    region('swarm.origin.region', swarm.origin.region)
  }
  swarm.caps.forEach((cap, position) => {
    share(`swarm.caps[${position}].share`, cap.share)
    atLeast(`swarm.caps[${position}].upBps`, cap.upBps ?? 1, 1)
    atLeast(`swarm.caps[${position}].downBps`, cap.downBps ?? 1, 1)
  })
  checkHosts(config)
  if (churn.arrivals.kind === 'flash') atLeast('churn.arrivals.windowS', churn.arrivals.windowS, 0)
  else atLeast('churn.arrivals.meanGapS', churn.arrivals.meanGapS, 0)
  if (churn.sessions.kind === 'weibull') {
    atLeast('churn.sessions.shape', churn.sessions.shape, 0.05)
    atLeast('churn.sessions.scaleS', churn.sessions.scaleS, 0.001)
  }
  if (churn.lingerS !== null) atLeast('churn.lingerS', churn.lingerS, 0)
  share('churn.gracefulShare', churn.gracefulShare)
  config.faults.forEach((fault, position) => checkFault(`faults[${position}]`, fault))
  checkNetwork(network, config.accessClasses)
  share('recording.sampleRate', recording.sampleRate)
  share('recording.trackerSampleRate', recording.trackerSampleRate)
  atLeast('checks.everyS', checks.everyS, 0.001)
}

function checkHosts({ accessClasses, regions, swarm }: SimConfig): void {
  if (accessClasses.length === 0) throw new SimConfigError('accessClasses', [], 'one class or more')
  for (const { name, upBps, downBps, lastMileMs, weight } of accessClasses) {
    atLeast(`accessClasses.${name}.upBps`, upBps, 1)
    atLeast(`accessClasses.${name}.downBps`, downBps, 1)
    atLeast(`accessClasses.${name}.lastMileMs`, lastMileMs, 0)
    atLeast(`accessClasses.${name}.weight`, weight, 0)
  }
  positiveSum(
    'accessClasses weights',
    accessClasses.map(({ weight }) => weight),
  )
  const names = accessClasses.map(({ name }) => name)
  if (swarm.initialSeedClass !== null && !names.includes(swarm.initialSeedClass))
    throw new SimConfigError('swarm.initialSeedClass', swarm.initialSeedClass, `null, ${names.join(', ')}`)
  for (const [name, weight] of Object.entries(regions)) {
    region('regions', name)
    atLeast(`regions.${name}`, weight, 0)
  }
  positiveSum('regions weights', Object.values(regions))
}

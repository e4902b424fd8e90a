import type { PeerSettings } from '../peer/core/options.ts'
import type { SimConfig } from '../sim/config.ts'
import type { Config } from './config/schema.ts'
import { resolveWorkload } from './config/workload.ts'

/** What the simulator needs of a config; `config` is one point of its matrix. */
export function toSimConfig(config: Config, seed: string): SimConfig {
  const { workload, swarm, sessions } = config
  const { lingerS, gracefulShare, ...length } = sessions
  return {
    seed,
    durationLimitS: config.durationLimitS,
    workload: resolveWorkload(workload),
    swarm: {
      ...swarm,
      origin: swarm.origin && { ...swarm.origin, settings: defined<PeerSettings>(swarm.origin.settings) },
    },
    accessClasses: config.accessClasses,
    regions: defined(config.regions),
    churn: { arrivals: config.arrivals, sessions: length, lingerS, gracefulShare },
    faults: config.faults,
    network: { ...config.network, transitBps: defined(config.network.transitBps) },
    peer: config.peer,
    tracker: config.tracker,
    recording: config.recording,
    checks: config.checks,
  }
}

const defined = <T extends object>(settings: { [K in keyof T]?: T[K] | undefined }): {
  [K in keyof T]: T[K]
} => settings as { [K in keyof T]: T[K] }

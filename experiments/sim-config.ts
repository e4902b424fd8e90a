import type { PeerSettings } from '../peer/core/options.ts'
import type { AccessClass } from '../sim/access-classes.ts'
import type { SimConfig } from '../sim/config.ts'
import type { NetworkSettings } from '../sim/network-settings.ts'
import type { Config } from './config/schema.ts'
import { DataFiles } from './data/data-files.ts'
import { resolveWorkload } from './config/workload.ts'

/**
 * What the simulator needs of a config; `config` is one point of its matrix. Reads the data files that it names. Throws
 * DataFileError.
 */
export function toSimConfig(config: Config, seed: string): SimConfig {
  const { workload, swarm, sessions } = config
  const files = new DataFiles(config.dataFolder ?? '.')
  const { lingerS, gracefulShare, ...length } = sessions
  return {
    seed,
    durationLimitS: config.durationLimitS,
    workload: resolveWorkload(workload),
    swarm: {
      ...swarm,
      origin: swarm.origin && { ...swarm.origin, settings: defined<PeerSettings>(swarm.origin.settings) },
    },
    accessClasses: config.accessClasses.map((accessClass) => accessClassOf(accessClass, files)),
    regions: defined(config.regions),
    churn: { arrivals: config.arrivals, sessions: length, lingerS, gracefulShare },
    faults: config.faults,
    network: networkOf(config.network, files),
    peer: config.peer,
    tracker: config.tracker,
    recording: config.recording,
    checks: config.checks,
  }
}

function accessClassOf(
  { trace, nat, ...rest }: Config['accessClasses'][number],
  files: DataFiles,
): AccessClass {
  const traces = trace && {
    traces: files.traces(trace.files, trace.throughput),
    links: trace.links,
    rates: trace.rates,
  }
  return { ...rest, ...(traces && { traces }), ...(nat && { nat }) }
}

function networkOf({ rtt, transitBps, ...rest }: Config['network'], files: DataFiles): NetworkSettings {
  return {
    ...rest,
    rtt:
      rtt.kind === 'matrix'
        ? {
            kind: rtt.kind,
            ms: files.matrix(rtt.file, rtt.unit),
            nodes: rtt.nodes,
            addsLastMile: rtt.addsLastMile,
          }
        : rtt,
    transitBps: defined(transitBps),
  }
}

const defined = <T extends object>(settings: { [K in keyof T]?: T[K] | undefined }): {
  [K in keyof T]: T[K]
} => settings as { [K in keyof T]: T[K] }

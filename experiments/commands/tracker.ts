import { type DestinationStream, type Level, pino } from 'pino'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { rttEstimateMs } from '../../sim/regions.ts'
import { startTracker } from '../../tracker/live/compose.ts'
import { type LiveArguments, liveOptions, openLiveParts } from './live-options.ts'
import { type Output, PROCESS_OUTPUT } from './output.ts'
import { aborted, withStopSignal } from './stop-signal.ts'

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

export interface TrackerArguments extends LiveArguments {
  host: string
  port: number
  udpPort: number | undefined
  udp: boolean
  origin: string[] | undefined
  trustedProxies: number
  logLevel: (typeof LOG_LEVELS)[number]
}

/** `seedbed tracker` */
export const trackerCommand: CommandModule<object, TrackerArguments> = {
  command: 'tracker',
  describe: 'Run a tracker: peers announce to it, and it ranks the seeds that it tells them of',
  builder: (yargs) =>
    liveOptions(yargs)
      .option('host', {
        type: 'string',
        default: '127.0.0.1',
        describe: 'Address to listen on; 0.0.0.0 for all',
      })
      .option('port', { type: 'number', default: 8080, describe: 'Port to listen on; 0 for a free one' })
      .option('udp-port', {
        type: 'number',
        requiresArg: true,
        describe: 'UDP port for BitTorrent clients [default: that of --port]',
      })
      .option('udp', { type: 'boolean', default: true, describe: 'Answer BitTorrent clients over UDP too' })
      .option('origin', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe:
          'Origin of pages whose WebSockets are taken, e.g. https://example.org; may be repeated [default: all]',
      })
      .option('trusted-proxies', {
        type: 'number',
        default: 0,
        describe: 'Proxies in front whose X-Forwarded-For is believed',
      })
      .option('log-level', { choices: LOG_LEVELS, default: 'info' as const, describe: 'What is logged' })
      .check((given) =>
        checkTracker(given as unknown as TrackerArguments),
      ) as unknown as Argv<TrackerArguments>,
  handler: async (given: ArgumentsCamelCase<TrackerArguments>) => {
    await withStopSignal((stop) => runTracker(given, PROCESS_OUTPUT, stop))
  },
}

function checkTracker({ port, udpPort, trustedProxies }: TrackerArguments): true {
  if (!isCount(port, 65_535)) throw new Error(`invalid --port: ${port} (0 to 65535)`)
  if (udpPort !== undefined && !isCount(udpPort, 65_535))
    throw new Error(`invalid --udp-port: ${udpPort} (0 to 65535)`)
  if (isCount(trustedProxies, 16)) return true
  throw new Error(`invalid --trusted-proxies: ${trustedProxies} (0 to 16)`)
}

const isCount = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= most

/** Runs a tracker until it is told to stop. */
export async function runTracker(
  { host, port, udpPort, udp, origin, trustedProxies, logLevel, seed, json, ...live }: TrackerArguments,
  output: Output,
  stop: AbortSignal,
): Promise<void> {
  const log = pino({ level: logLevel satisfies Level | 'silent' }, output.err as DestinationStream)
  const parts = await openLiveParts('tracker', { ...live, seed, json }, (text) => log.warn(text))
  const { policy, model, outcomes } = parts
  const tracker = await startTracker({
    ...{ host, port, trustedProxies, seed, log },
    origins: origin ?? null,
    udpPort: udp ? (udpPort ?? port) : null,
    ...{ policy, model, rttEstimateMs },
    ...{ recorder: outcomes?.recorder, sink: outcomes?.sink },
  }).catch(async (error: unknown) => {
    await parts.close()
    throw error
  })
  if (json)
    output.out.write(
      `${JSON.stringify({ url: tracker.url, udpPort: udp ? tracker.udpPort : null, policy: policy.name, model: model?.label ?? null })}\n`,
    )
  else
    output.out.write(
      `tracker at ${tracker.url} (policy ${policy.name}${model ? `, model ${model.label}` : ''})\n`,
    )
  await aborted(stop)
  await tracker.stop()
  await parts.close()
}

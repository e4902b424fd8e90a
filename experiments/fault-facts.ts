import type { Config } from './config/schema.ts'

type Fault = Config['faults'][number]

/** What goes wrong, in words: a phrase a fault. */
export const faultsText = (faults: readonly Fault[]): string => faults.map(faultText).join('; ')

function faultText(fault: Fault): string {
  const what = `${whoText(fault)}: ${nameText(fault)}`
  return 'when' in fault ? `${what}, ${whenText(fault.when)}` : what
}

function whoText(fault: Fault): string {
  switch (fault.kind) {
    case 'tracker-outage':
    case 'tracker-slow':
      return shareText(fault.share, 'trackers')
    case 'origin-outage':
      return shareText(fault.share, 'origins')
    case 'partition':
      return `${shareText(fault.share, fault.between)} and ${fault.and}`
    default:
      return shareText(fault.share, fault.target)
  }
}

function nameText(fault: Fault): string {
  switch (fault.kind) {
    case 'liar':
      return `liar about ${fault.about}`
    case 'restart':
      return fault.keepsCache ? 'restart' : 'restart with an empty cache'
    case 'tracker-outage':
      return fault.memory === 'lost' ? 'tracker-outage, restarted with an empty memory' : fault.kind
    case 'tracker-slow':
      return `tracker-slow by ${fault.delayMs / 1000} s`
    case 'partition':
      return fault.oneWay ? 'partition, one way' : fault.kind
    default:
      return fault.kind
  }
}

function whenText(when: Extract<Fault, { when: unknown }>['when']): string {
  return 'atS' in when
    ? `at ${when.atS} s for ${when.forS} s`
    : `every ${when.meanEveryS} s for ${when.meanForS} s on average`
}

const shareText = (share: number, target: string): string =>
  share === 1 && target !== 'all' ? target : `${Number((100 * share).toPrecision(3))} % of ${target}`

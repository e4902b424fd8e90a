import type { Distribution, Metric } from '../schema.ts'

const STEP = 'Listening together'
const RECOVERY = 'Getting back in step'
const CLOCKS = 'Clocks'

/** Two quantiles of a time in milliseconds of which less is better. */
function times(
  name: string,
  label: string,
  group: string,
  description: string,
  quantiles: readonly [level: number, primary: boolean][],
): Metric[] {
  return quantiles.map(([level, primary]) => ({
    name: `${name}_p${level}_ms`,
    label: level === 50 ? `Median ${label}` : `${level}th percentile ${label}`,
    group,
    unit: 'ms',
    better: 'lower',
    primary,
    description: `${description}; ${level} % are no larger.`,
  }))
}

export const ROOMS_METRICS: readonly Metric[] = [
  {
    name: 'in_step_share',
    label: 'Time in step',
    group: STEP,
    unit: 'share',
    better: 'higher',
    primary: true,
    description:
      'Share of the time that the room plays in which a member hears it within the tolerance, from its first sound on.',
  },
  ...times('drift', 'drift', STEP, 'Distance of what a member hears from where its room truly is', [
    [95, true],
    [50, false],
    [99, false],
  ]),
  ...times('spread', 'spread', STEP, 'Distance of the two members of a room that are furthest apart', [
    [95, false],
  ]),
  ...times(
    'recover_control',
    'recovery from a control',
    RECOVERY,
    'From a start, seek, skip or pause at the tracker to a member in step again',
    [
      [95, true],
      [50, false],
    ],
  ),
  ...times('recover_join', 'time to join', RECOVERY, 'From the arrival of a member to its being in step', [
    [50, false],
    [95, false],
  ]),
  ...times(
    'recover_reconnect',
    'recovery from a lost link',
    RECOVERY,
    'From the new link of a member that lost the last one to its being in step; 0 where it never was not',
    [
      [50, false],
      [95, false],
    ],
  ),
  {
    name: 'unrecovered_share',
    label: 'Never in step again',
    group: RECOVERY,
    unit: 'share',
    better: 'lower',
    primary: false,
    description: 'Share of such times that a member left, or the run ended, before it was in step.',
  },
  ...times('startup', 'wait for media', RECOVERY, 'From going to a place to the first sound there', [
    [95, true],
    [50, false],
  ]),
  {
    name: 'rates_per_h',
    label: 'Corrections by speed',
    group: STEP,
    unit: '/h',
    better: 'neither',
    primary: false,
    description: 'Drifts made good by playing faster or slower, for an hour of a member.',
  },
  {
    name: 'jumps_per_h',
    label: 'Corrections by jump',
    group: STEP,
    unit: '/h',
    better: 'lower',
    primary: false,
    description: 'Drifts made good by a jump, for an hour of a member.',
  },
  {
    name: 'holds_per_h',
    label: 'Corrections by waiting',
    group: STEP,
    unit: '/h',
    better: 'lower',
    primary: false,
    description: 'Drifts made good by waiting for the room, for an hour of a member.',
  },
  {
    name: 'stalls_per_h',
    label: 'Stalls',
    group: STEP,
    unit: '/h',
    better: 'lower',
    primary: false,
    description: 'Times that the sound broke off for want of media, for an hour of a member.',
  },
  ...times('offset_error', 'clock error', CLOCKS, "Error of a member's estimate of the tracker's clock", [
    [50, false],
    [95, true],
  ]),
  {
    name: 'controls',
    label: 'Controls',
    group: RECOVERY,
    unit: 'count',
    better: 'neither',
    primary: false,
    description: 'Starts, pauses, seeks and skips in all rooms.',
  },
]

export const ROOMS_DISTRIBUTIONS: readonly Distribution[] = [
  {
    name: 'drift_ms',
    label: 'Drift',
    unit: 'ms',
    covers: null,
    description: 'share of the time in which members were at most so far from their room',
  },
  {
    name: 'recover_ms',
    label: 'Time to get in step',
    unit: 'ms',
    covers: null,
    description:
      'share of the joins, controls and lost links after which a member was in step within so long',
  },
  {
    name: 'startup_ms',
    label: 'Wait for media',
    unit: 'ms',
    covers: null,
    description: 'share of the starts, seeks and track changes at which the first sound came within so long',
  },
  {
    name: 'offset_error_ms',
    label: 'Clock error',
    unit: 'ms',
    covers: null,
    description:
      "share of the time in which a member's estimate of the tracker's clock was off by at most so much",
  },
]

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { TraceEvent } from '../../sim/trace.ts'
import { differenceText } from './difference-text.ts'
import { diffTraces } from './diff-trace.ts'
import { TraceFileError } from './errors.ts'
import { parseEvent } from './trace-format.ts'
import { event, recordEvents } from './trace.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'seedbed-trace-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)

/** Ten events in each of `seconds` seconds, every fourth second quiet. */
const plain = (seconds: number): TraceEvent[] =>
  Array.from({ length: seconds }, (_, second) => second)
    .filter((second) => second % 4 !== 3)
    .flatMap((second) =>
      Array.from({ length: 10 }, (_, i) => event(second + i / 10, `peer-${i}`, 'hear', { chunk: i })),
    )

const changed = (events: TraceEvent[], at: number, details: TraceEvent['details']): TraceEvent[] =>
  events.map((each, i) => (i === at ? { ...each, details } : each))

describe('diffTraces', () => {
  const events = plain(20)
  recordEvents(at('plain'), events)
  recordEvents(at('plain.gz'), events)

  it('finds no difference between the same events, gzipped or not, whatever is kept', async () => {
    recordEvents(at('few'), events, { nodes: ['peer-3'] })
    for (const other of ['plain', 'plain.gz', 'few'])
      expect(await diffTraces(at('plain'), at(other), 3)).toEqual({
        same: true,
        events: events.length,
        stoppedAfterSecond: null,
      })
    expect(readFileSync(at('few'), 'utf8').match(/"node"/g)).toHaveLength(15)
  })

  it.each([0, 7, 10, 73, 149])('finds that event %i is another one', async (place) => {
    recordEvents(at('other.gz'), changed(events, place, { chunk: 99 }))
    const difference = await diffTraces(at('plain'), at('other.gz'), 3)
    if (difference.same) throw new Error('no difference found')
    expect(difference.second).toBe(Math.floor(events[place].timeMs / 1000))
    expect(difference.eventNumber).toBe(place + 1)
    const [ours, theirs] = difference.sides
    expect(parseEvent(ours.event!)).toEqual(events[place])
    expect(parseEvent(theirs.event!).details).toEqual({ chunk: 99 })
    expect(difference.before.map(parseEvent)).toEqual(events.slice(Math.max(0, place - 3), place))
    expect(ours.after.map(parseEvent)).toEqual(events.slice(place + 1, place + 4))
  })

  it('finds an event that only one has', async () => {
    recordEvents(at('less'), events.toSpliced(42, 1))
    const missing = await diffTraces(at('plain'), at('less'), 1)
    expect(missing).toMatchObject({ same: false, second: 5, eventNumber: 43 })
    recordEvents(at('short'), events.slice(0, -20))
    const short = await diffTraces(at('plain'), at('short'), 2)
    expect(short).toMatchObject({ same: false, second: 17, eventNumber: 131, sides: [{}, { after: [] }] })
    if (!short.same) expect(short.sides.map((side) => side.event !== undefined)).toEqual([true, false])
    expect(differenceText(short)).toMatch(/B > \(no further event in that second in .*short\)/)
  })

  it('finds events in a second that is quiet in the other', async () => {
    recordEvents(at('loud'), [...events.slice(0, 30), event(3.5, 'peer-1'), ...events.slice(30)])
    expect(await diffTraces(at('plain'), at('loud'), 1)).toMatchObject({
      same: false,
      second: 3,
      eventNumber: 31,
    })
  })

  it('takes a trace that was stopped or cut off for what it shows', async () => {
    recordEvents(at('until'), events, { untilMs: 9350 })
    const same = { same: true, events: 74, stoppedAfterSecond: 9 }
    expect(await diffTraces(at('plain'), at('until'), 1)).toEqual(same)
    expect(await diffTraces(at('until'), at('plain'), 1)).toEqual(same)
    recordEvents(at('until-other'), changed(events, 72, {}), { untilMs: 9350 })
    expect(await diffTraces(at('until-other'), at('plain'), 1)).toMatchObject({ second: 9, eventNumber: 73 })
    const whole = readFileSync(at('plain.gz'))
    writeFileSync(at('cut.gz'), whole.subarray(0, whole.length / 2))
    expect(await diffTraces(at('plain'), at('cut.gz'), 1)).toMatchObject({ same: true })
  })

  it('says where to look when the files do not keep what differs', async () => {
    recordEvents(at('some'), events, { nodes: ['peer-3'] })
    recordEvents(at('others'), changed(events, 72, {}), { nodes: ['peer-3'] })
    const difference = await diffTraces(at('some'), at('others'), 1)
    expect(difference).toMatchObject({ same: false, second: 9, eventNumber: null })
    expect(differenceText(difference)).toContain('record both with --from 9 --until 10 and no other filter')
  })

  it('reads long traces in pieces', async () => {
    function* many(changedAt: number): Generator<TraceEvent> {
      for (let i = 0; i < 60_000; i++)
        yield event(i / 1000, 'peer-1', 'hear', { i: i === changedAt ? -1 : i })
    }
    recordEvents(at('long'), many(-1))
    recordEvents(at('long.gz'), many(54_321))
    expect(await diffTraces(at('long'), at('long.gz'), 1)).toMatchObject({ second: 54, eventNumber: 54_322 })
  })

  it('refuses what is no trace', async () => {
    writeFileSync(at('text'), 'hello\n')
    writeFileSync(at('empty'), '')
    writeFileSync(at('new'), '{"format":"seedbed-trace","formatVersion":2}\n')
    writeFileSync(at('torn'), `${readFileSync(at('plain'), 'utf8').slice(0, 900)}\n{"second":2,\n`)
    writeFileSync(at('bad.gz'), Buffer.from([0x1f, 0x8b, 1, 2, 3, 4]))
    for (const [name, message] of [
      ['text', 'invalid trace: ".*text" \\(seedbed replay RUN --out FILE records one\\)'],
      ['empty', 'invalid trace: ".*empty" \\(seedbed replay'],
      ['new', 'has format version 2 \\(allowed 1; record it again\\)'],
      ['torn', 'holds a damaged line: "{'],
      ['bad.gz', 'invalid trace: ".*bad.gz": '],
      ['nothing', 'invalid trace: ".*nothing" \\(no such file\\)'],
      ['.', 'invalid trace: ".*" \\(a folder\\)'],
    ])
      for (const pair of [
        [at(name), at('plain')],
        [at('plain'), at(name)],
      ]) {
        const difference = diffTraces(pair[0], pair[1], 1)
        await expect(difference, name).rejects.toThrow(new RegExp(message))
        await expect(difference, name).rejects.toBeInstanceOf(TraceFileError)
      }
  })
})

import { readFile } from 'node:fs/promises'
import type { OutcomeIntake } from '../../peer/ports/outcome-store.ts'
import { Journal, type Segment } from './journal.ts'
import { readSegment } from './journal-format.ts'

type Warn = ((text: string) => void) | undefined

/** Carries what a journal has acknowledged to the store; returns how many rows. Rejects where the store fails. */
export async function drainJournal(journal: Journal, store: OutcomeIntake, warn: Warn): Promise<number> {
  await journal.roll()
  let rows = 0
  for (const segment of journal.segments) rows += await carry(journal, segment, store, warn)
  return rows
}

/** Carries to the store what processes that are gone have left in their journals. */
export async function drainOrphans(root: string, store: OutcomeIntake, warn: Warn): Promise<number> {
  let rows = 0
  for (const journal of await Journal.orphans(root))
    try {
      rows += await drainJournal(journal, store, warn)
    } finally {
      await journal.close()
    }
  return rows
}

// The store has the rows before the segment goes: after a crash in between they come again, and are kept once.
async function carry(journal: Journal, segment: Segment, store: OutcomeIntake, warn: Warn): Promise<number> {
  const { outcomes, damage } = readSegment(await readFile(segment.path))
  if (outcomes.length > 0) await store.insert(outcomes)
  if (damage === undefined) await journal.remove(segment)
  else {
    const path = await journal.setAside(segment)
    warn?.(`${path} is damaged: ${damage}; ${outcomes.length} outcomes of it were stored`)
  }
  return outcomes.length
}

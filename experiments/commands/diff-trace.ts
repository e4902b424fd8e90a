import type { CommandModule } from 'yargs'

interface DiffTraceArguments {
  a: string
  b: string
  context: number
}

/** `seedbed diff-trace A B` */
export const diffTraceCommand: CommandModule<object, DiffTraceArguments> = {
  command: 'diff-trace <a> <b>',
  describe:
    'Compare two traces of replay --out: exit status 0 if they are the same, 1 from where they differ',
  builder: (yargs) =>
    yargs
      .positional('a', { type: 'string', demandOption: true, describe: 'Trace file' })
      .positional('b', { type: 'string', demandOption: true, describe: 'Trace file' })
      .option('context', {
        type: 'number',
        default: 5,
        describe: 'Events to show before and after the first that differ',
      })
      .check(({ context }) => {
        if (Number.isInteger(context) && context >= 0 && context <= 1000) return true
        throw new Error(`invalid --context: ${context} (a whole number from 0 to 1000)`)
      }),
  handler: async ({ a, b, context }) => {
    const { diffTraces } = await import('../trace/diff-trace.ts')
    const { differenceText } = await import('../trace/difference-text.ts')
    const difference = await diffTraces(a, b, context)
    process.stdout.write(`${differenceText(difference)}\n`)
    if (!difference.same) process.exitCode = DIFFERENT
  },
}

const DIFFERENT = 1

import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandModule } from 'yargs'
import { RUN_FILES } from '../run-folder.ts'
import { mergeResults, readResult } from '../run-results.ts'

/** `seedbed report RUN…` */
export const reportCommand: CommandModule<object, { runs: string[]; output: string | undefined }> = {
  command: 'report <runs..>',
  describe: 'Write the report of one run folder, or of several side by side, as one offline HTML file',
  builder: (yargs) =>
    yargs
      .positional('runs', { type: 'string', array: true, demandOption: true, describe: 'Run folders' })
      .option('output', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        describe: 'File to write [default: report.html of the run folder, or comparison.html here]',
      }),
  handler: async ({ runs, output }) => {
    const { renderReport } = await import('../../reports/render.ts')
    const results = []
    for (const run of runs) results.push(await readResult(run))
    const path = output ?? (runs.length === 1 ? join(runs[0], RUN_FILES.report) : 'comparison.html')
    await writeFile(`${path}.tmp`, renderReport(mergeResults(results, runs)))
    await rename(`${path}.tmp`, path)
    process.stdout.write(`${path}\n`)
  },
}

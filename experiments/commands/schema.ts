import type { CommandModule } from 'yargs'
import { resultJsonSchema } from '../../reports/schema.ts'
import { configJsonSchema } from '../config/schema.ts'

const SCHEMAS = { result: resultJsonSchema, config: configJsonSchema }

/** `seedbed schema NAME` */
export const schemaCommand: CommandModule<object, { name: keyof typeof SCHEMAS }> = {
  command: 'schema <name>',
  describe: 'Print the JSON Schema of results (run --json, result.json) or of configs',
  builder: (yargs) =>
    yargs.positional('name', {
      choices: Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[],
      demandOption: true,
    }),
  handler: ({ name }) => {
    process.stdout.write(`${JSON.stringify(SCHEMAS[name](), null, 2)}\n`)
  },
}

import type { CommandModule } from 'yargs'
import { findConfig } from '../config-files.ts'
import { configYaml, loadConfig } from '../config/load.ts'
import { type ConfigArguments, configOptions, overridesOf } from './config-options.ts'

/** `seedbed check CONFIG` */
export const checkCommand: CommandModule<object, ConfigArguments> = {
  command: 'check <config>',
  describe: 'Check a config and print it with everything filled in',
  builder: configOptions,
  handler: async (given) => {
    const config = await loadConfig(findConfig(given.config), overridesOf(given))
    process.stdout.write(configYaml(config))
  },
}

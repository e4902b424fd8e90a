import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../peer/live/make-folder.ts'
import { stringify } from 'yaml'
import { configYaml } from '../config/load.ts'
import type { Comparison, FuzzFailure } from './check-seed.ts'
import { simulationOfDrawn } from './check-seed.ts'
import type { Section } from './drawn-config.ts'

/** Writes a failing config, with what went wrong on top, and returns its path. */
export async function saveFailure(
  folder: string,
  raw: Section,
  failure: FuzzFailure,
  comparison: Comparison,
): Promise<string> {
  await makeFolder(folder)
  const path = join(folder, `${String(raw['name'])}.yaml`)
  const about = [
    failure.message,
    ...(comparison === 'none' ? [] : [`compared: ${comparison}`]),
    `seedbed replay ${path}`,
  ]
  const comment = about.flatMap((text) => text.split('\n')).map((line) => `# ${line}\n`)
  await writeFile(path, comment.join('') + yamlOf(raw))
  return path
}

/** As drawn where the config is what is wrong. */
function yamlOf(raw: Section): string {
  try {
    return configYaml(simulationOfDrawn(raw).config)
  } catch {
    return stringify(raw)
  }
}

import { ESLint } from 'eslint'
import { fileURLToPath } from 'node:url'
import tseslint from 'typescript-eslint'

const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  // The files are made up, so there are no types to ask for.
  overrideConfig: { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked },
})

/** Messages of `rule` for `code`, linted with the project's own configuration as if it stood at `filePath`. */
export async function lintText(rule: string, filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath })
  if (!result)
    throw new Error(`invalid filePath: ${filePath} (allowed: a file that the linter doesn't ignore)`)
  const broken = result.messages.find(({ fatal }) => fatal)
  if (broken) throw new Error(`${filePath}: ${broken.message}`)
  return result.messages.filter(({ ruleId }) => ruleId === rule).map(({ message }) => message)
}

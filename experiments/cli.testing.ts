import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../bin/seedbed.js', import.meta.url))

export interface CliResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command line as users do, from the built files. */
export const startCli = (
  words: readonly string[],
  cwd?: string,
  stdin: 'ignore' | 'pipe' = 'ignore',
): ChildProcess => spawn(process.execPath, [bin, ...words], { cwd, stdio: [stdin, 'pipe', 'pipe'] })

/** Runs the command line to its end. */
export async function runCli(words: readonly string[], cwd?: string): Promise<CliResult> {
  const child = startCli(words, cwd)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()))
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { status, stdout, stderr }
}

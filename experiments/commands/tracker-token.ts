import { randomUUID } from 'node:crypto'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { createVerifier, DEFAULT_AUDIENCE, mintToken, type Role, ROLES } from '../../tracker/live/tokens.ts'
import { type Output, PROCESS_OUTPUT } from './output.ts'
import { optionNames } from './tracker-options.ts'
import { readSecret } from './tracker-settings.ts'

interface TokenArguments {
  role: Role
  subject: string
  expires: string
  authSecretFile: string
  authAudience: string
  jti: string | undefined
  json: boolean
}

const OWN = ['help', 'version', 'config', 'auth-secret-file', 'auth-audience', 'json']
const UNIT_SECONDS: Record<string, number> = { m: 60, h: 3600, d: 86_400 }
const MOST_SECONDS = 366 * 86_400

/** `seedbed tracker token` */
export const tokenCommand: CommandModule<object, TokenArguments> = {
  command: 'token',
  describe: 'Mint a token for an admin or for one who reports outcomes',
  builder: (yargs) =>
    hideOthers(yargs)
      .option('role', { choices: ROLES, demandOption: true, requiresArg: true, describe: 'What it is for' })
      .option('subject', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'Whom it is for; reports and limits go by this name',
      })
      .option('expires', {
        type: 'string',
        requiresArg: true,
        default: '30d',
        describe: 'How long it does: minutes, hours or days, e.g. 90m, 12h, 30d',
      })
      .option('jti', {
        type: 'string',
        requiresArg: true,
        describe: 'Its id, by which it can be revoked [default: drawn]',
      })
      .option('auth-secret-file', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'File of the secret that the tracker checks tokens with',
      })
      .option('auth-audience', {
        type: 'string',
        requiresArg: true,
        default: DEFAULT_AUDIENCE,
        describe: 'For which tracker',
      })
      .check((given) => checkToken(given as unknown as TokenArguments)) as unknown as Argv<TokenArguments>,
  handler: async (given: ArgumentsCamelCase<TokenArguments>) => {
    await printToken(given, PROCESS_OUTPUT)
  },
}

/** The tracker's own options stay allowed, so that its environment and file do for this command too. */
function hideOthers(yargs: Argv): Argv {
  for (const name of optionNames(yargs)) if (!OWN.includes(name)) yargs.hide(name)
  return yargs
}

function checkToken({ subject, jti, expires }: TokenArguments): true {
  for (const [option, text] of [
    ['subject', subject],
    ['jti', jti],
  ])
    if (text !== undefined && !/^[\x21-\x7e]{1,128}$/.test(text))
      throw new Error(`invalid --${option}: ${JSON.stringify(text)} (1 to 128 visible characters)`)
  lifeSeconds(expires)
  return true
}

function lifeSeconds(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const seconds = Number(count) * (UNIT_SECONDS[unit] ?? NaN)
  if (seconds > 0 && seconds <= MOST_SECONDS) return seconds
  throw new Error(`invalid --expires: ${JSON.stringify(text)} (e.g. 90m, 12h or 30d; at most 366d)`)
}

/** The token goes to standard output, what is good to know of it to standard error: `TOKEN=$(…)` takes the token alone. */
async function printToken(given: TokenArguments, { out, err }: Output): Promise<void> {
  const { role, subject, expires, authSecretFile, authAudience, jti = randomUUID() } = given
  const secret = readSecret(authSecretFile)
  createVerifier({ kind: 'secret', secret })
  const seconds = lifeSeconds(expires)
  const token = await mintToken(secret, { subject, role, tokenId: jti }, seconds, authAudience)
  const { exp: expiresS } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as {
    exp: number
  }
  const expiresMs = 1000 * expiresS
  if (given.json) return void out.write(`${JSON.stringify({ token, jti, subject, role, expiresMs })}\n`)
  out.write(`${token}\n`)
  err.write(
    `jti ${jti}: ${role}, for ${JSON.stringify(subject)}, until ${new Date(expiresMs).toISOString()} (POST /admin/revocations revokes it)\n`,
  )
}

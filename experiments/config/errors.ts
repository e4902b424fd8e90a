/** A config, or an override of it, is not valid. One problem a line; each names its path. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'E_CONFIG'
  readonly problems: readonly string[]

  constructor(source: string, problems: readonly string[]) {
    super(problems.length === 1 ? `${source}: ${problems[0]}` : [`${source}:`, ...problems].join('\n  '))
    this.problems = problems
  }
}

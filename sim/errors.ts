/** A simulation config holds a value that the simulator cannot run. */
export class SimConfigError extends Error {
  override readonly name = 'SimConfigError'
  readonly code = 'SIM_CONFIG'
  constructor(path: string, value: unknown, allowed: string) {
    super(`invalid ${path}: ${JSON.stringify(value) ?? String(value)} (allowed ${allowed})`)
  }
}

/** The simulated network was asked for something that no node may ask. */
export class SimNetworkError extends Error {
  override readonly name = 'SimNetworkError'
  readonly code = 'SIM_NETWORK'
}

/** Something happened in a simulation that physics or the protocol forbids: a defect, never bad luck. */
export class InvariantViolationError extends Error {
  override readonly name = 'InvariantViolationError'
  readonly code = 'SIM_INVARIANT'
  readonly violations: readonly string[]
  constructor(seed: string | number, violations: readonly string[]) {
    super(
      `invariant broken (seed ${seed}): ${violations.join('; ')} ` +
        `(replay: the same config with this seed and checks.level "full")`,
    )
    this.violations = violations
  }
}

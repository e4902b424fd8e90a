/** An argument of the flow network is out of range. */
export class FlowArgumentError extends Error {
  readonly code = 'SIM_FLOW_ARGUMENT'
  constructor(what: string, value: unknown, allowed: string) {
    super(`invalid ${what}: ${String(value)} (allowed ${allowed})`)
    this.name = 'FlowArgumentError'
  }
}

/** The worklist did not come to rest: a defect of the solver, never of the input. */
export class FlowConvergenceError extends Error {
  readonly code = 'SIM_FLOW_CONVERGENCE'
  constructor(visits: number, links: number, timeMs: number) {
    super(
      `invalid flow state at ${timeMs} ms: ${visits} visits to ${links} links and not at rest (raise tolerance)`,
    )
    this.name = 'FlowConvergenceError'
  }
}

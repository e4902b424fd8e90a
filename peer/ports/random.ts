/** A labelled stream of random numbers. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform whole number in [0, bound). */
  below(bound: number): number
  /** An independent stream, the same for the same labels whatever was drawn before. */
  fork(...labels: readonly (string | number)[]): Random
}

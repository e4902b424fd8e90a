/** Which of how many processes this is, and where they meet. */
export interface ClusterPlace {
  readonly index: number
  readonly count: number
  /** A folder that nobody else may enter: each process listens on a socket in it. */
  readonly folder: string
  /** Known to all of them and to nobody else: what they make with it, any of them can check. */
  readonly secret: Buffer
  /** When the cluster was started, milliseconds since 1970. */
  readonly startedMs: number
  /** Whether this process takes the place of one that has died: the others know what ranks. */
  readonly isReplacement: boolean
}

/** The equal share of one process in a bound of the whole; what is unbounded stays so. */
export const shareOfBound = (bound: number, { count }: Pick<ClusterPlace, 'count'>): number =>
  Math.ceil(bound / count)

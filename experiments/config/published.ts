import { z } from 'zod'
import { catalogueOf } from '../../reports/metrics-catalog.ts'
import { label } from './sections.ts'

/** Figures that somebody else has measured: the report holds the simulated ones against them. */
export const publishedSchema = z
  .array(
    z.strictObject({
      /** Name of a metric of the workload. */
      metric: z.string().min(1),
      /** In the metric's unit: shares from 0 to 1. */
      value: z.number(),
      source: label(200),
      /** Matrix values, by path, for which it was measured; what is left out does not matter. */
      point: z.record(z.string(), z.unknown()).default({}),
    }),
  )
  .max(100)
  .default([])

interface Published {
  readonly workload: { readonly kind: string }
  readonly matrix: Readonly<Record<string, readonly unknown[]>>
  readonly published: z.output<typeof publishedSchema>
}

/** Published figures that no simulated one could be held against. */
export function problemsOfPublished({ workload, matrix, published }: Published): string[] {
  const names = catalogueOf(workload.kind).metrics.map(({ name }) => name)
  return published.flatMap(({ metric, point }, i) => {
    const problems: string[] = []
    if (!names.includes(metric))
      problems.push(
        `invalid published.${i}.metric: ${JSON.stringify(metric)} (allowed for ${workload.kind}: ${names.join(', ')})`,
      )
    for (const [path, value] of Object.entries(point))
      if (!matrix[path]?.some((other) => JSON.stringify(other) === JSON.stringify(value)))
        problems.push(
          `invalid published.${i}.point: ${path} ${JSON.stringify(value)} (a path and a value of the matrix expected)`,
        )
    return problems
  })
}

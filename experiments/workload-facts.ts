import { chunkCountOf } from '../peer/protocol/manifest.ts'
import type { Config } from './config/schema.ts'
import { sizeText } from './facts-text.ts'

type Workload = Config['workload']

/** What nodes came for, in words. */
export function workloadFacts(workload: Workload): [label: string, value: string][] {
  switch (workload.kind) {
    case 'download':
      return [['Content', downloadText(workload)]]
  }
}

function downloadText({
  contents,
  contentBytes,
  chunkBytes,
}: Extract<Workload, { kind: 'download' }>): string {
  const each = `${sizeText(contentBytes)} in ${chunkCountOf(contentBytes, chunkBytes)} chunks of ${sizeText(chunkBytes)}`
  return contents === 1 ? each : `${contents} of ${each}`
}

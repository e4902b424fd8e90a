import { chunkCountOf } from '../peer/protocol/manifest.ts'
import type { WorkloadConfig } from '../sim/config.ts'
import type { DownloadConfig } from '../sim/download/config.ts'
import { sizeText } from './facts-text.ts'

/** What nodes came for, in words. */
export function workloadFacts(workload: WorkloadConfig): [label: string, value: string][] {
  switch (workload.kind) {
    case 'download':
      return [['Content', downloadText(workload)]]
  }
}

function downloadText({ contents, contentBytes, chunkBytes }: DownloadConfig): string {
  const each = `${sizeText(contentBytes)} in ${chunkCountOf(contentBytes, chunkBytes)} chunks of ${sizeText(chunkBytes)}`
  return contents === 1 ? each : `${contents} of ${each}`
}

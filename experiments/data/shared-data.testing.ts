import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { requireSystem, type SystemComponent } from '../../tools/testing/system.ts'

/** An archive of measured data, unpacked when a test first asks for it; where there is none, that test is skipped. */
export class SharedData {
  readonly #component: SystemComponent
  #folder: string | undefined

  constructor(component: SystemComponent) {
    this.#component = component
  }

  folder(context: TestContext): string {
    const archive = requireSystem(this.#component, context)
    if (this.#folder === undefined) {
      this.#folder = mkdtempSync(join(tmpdir(), 'seedbed-data-'))
      execFileSync('tar', ['-xf', archive, '-C', this.#folder])
    }
    return this.#folder
  }

  remove(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true })
  }
}

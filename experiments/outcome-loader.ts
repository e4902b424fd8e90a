import type { DuckDBAppender, DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { OutcomeRow } from '../peer/ports/recorder.ts'
import { openDatabase } from './database.ts'
import { OutcomeBatch, TextCodes } from './outcome-batch.ts'
import { appendBatch, CREATE_TABLE, setTexts } from './outcome-table.ts'

/** Outcome rows as the table `rows` of a database in memory. */
export class OutcomeTable {
  readonly connection: DuckDBConnection
  readonly #instance: DuckDBInstance
  readonly #appender: DuckDBAppender
  readonly #onBatch: (batch: OutcomeBatch) => void
  readonly #batch = new OutcomeBatch()
  readonly #codes = new TextCodes()
  #isOpen = true

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    appender: DuckDBAppender,
    onBatch: (batch: OutcomeBatch) => void,
  ) {
    this.#instance = instance
    this.connection = connection
    this.#appender = appender
    this.#onBatch = onBatch
  }

  static async open(
    spillFolder: string,
    onBatch: (batch: OutcomeBatch) => void = () => undefined,
  ): Promise<OutcomeTable> {
    const instance = await openDatabase(spillFolder, 1)
    const connection = await instance.connect()
    await connection.run(CREATE_TABLE)
    return new OutcomeTable(instance, connection, await connection.createAppender('rows'), onBatch)
  }

  get rows(): number {
    return this.#batch.firstDecision + this.#batch.rows
  }

  /** What the codes of texts stand for, so far. */
  get texts(): readonly string[] {
    return this.#codes.texts
  }

  add(row: OutcomeRow): void {
    this.#batch.add(row, this.#codes)
    if (this.#batch.full) this.#store()
  }

  /** Makes all rows visible to queries, SELECT_LIST among them; none may be added afterwards. */
  async end(): Promise<void> {
    this.#store()
    this.#appender.closeSync()
    await setTexts(this.connection, this.#codes.texts)
  }

  /** Frees the database; harmless where that is done already. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.connection.closeSync()
    this.#instance.closeSync()
  }

  #store(): void {
    if (this.#batch.rows === 0) return
    this.#onBatch(this.#batch)
    appendBatch(this.#appender, this.#batch)
    this.#batch.clear()
  }
}

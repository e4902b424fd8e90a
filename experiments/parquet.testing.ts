import { DuckDBInstance, type Json } from '@duckdb/node-api'

/** Rows of a query, as JSON values. */
export async function query(sql: string): Promise<Record<string, Json>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

import type { Address, ContentId } from './ids.ts'

/** Names one query among neighbours: 32 hex digits, drawn at random. */
export type QueryId = string

export const QUERY_ID_BYTES = 16

/** Asks who holds a content; passed on from neighbour to neighbour. */
export interface Query {
  readonly type: 'query'
  readonly queryId: QueryId
  readonly contentId: ContentId
  /** Links that the query may still travel, this one included; 1 or more. */
  readonly ttl: number
}
/** Names holders of what a query asks for; goes back the way that the query came. */
export interface Hit {
  readonly type: 'hit'
  readonly queryId: QueryId
  /** Where holders accept links for the content. One that starts with a colon is a port of the sender itself. */
  readonly addresses: readonly Address[]
}
/** Names other nodes that search, for those who look for neighbours. */
export interface Neighbours {
  readonly type: 'neighbours'
  readonly addresses: readonly Address[]
}

export type SearchMessage = Query | Hit | Neighbours
export type SearchMessageType = SearchMessage['type']

export const SEARCH_MESSAGE_TYPES: readonly SearchMessageType[] = ['query', 'hit', 'neighbours']

/**
 * What nodes that search name as their content in handshakes: no digest of anything, so that they are told from members of a
 * swarm.
 */
export const SEARCH_ID: ContentId = Array.from('seedbed neighbour search, vers 1', (c) =>
  c.charCodeAt(0).toString(16).padStart(2, '0'),
).join('')

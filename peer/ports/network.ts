import type { Address } from '../protocol/ids.ts'
import type { ChunkHeader, Have, Message } from '../protocol/messages.ts'
import type { ChunkBody } from './chunk-store.ts'

/** Why a link ended or never came up. */
export type LinkDownReason = 'closed' | 'refused' | 'unreachable' | 'lost' | 'protocol'

/** One end of a two-way, ordered, reliable connection. */
export interface Link {
  readonly remote: Address
  /** Smoothed round-trip time as the transport sees it; NaN before the link is up. */
  readonly rttMs: number
  /** For the owner of this end: what it keeps of the other side. */
  context: unknown
  /** Set by the owner while a `have` on this link changes nothing but what it knows, at times when `newsCanWait` says so. */
  newsCanWait?: boolean
  /** Set by the owner: what its handler's `news` is to be told of this link by, from 0. */
  newsRow?: number
  /** Names this link in `sendNews`, where the network has that. */
  readonly number?: number
}

/** What a node does when something happens on its links. Never called from inside a call of Network. */
export interface LinkHandler {
  /** A link is ready to send: one this node asked for, or (`incoming`) one that another node opened. */
  linkUp(link: Link, incoming: boolean): void
  /** The link is gone, or could not be set up. Not called for links that this node closed itself. */
  linkDown(link: Link, reason: LinkDownReason): void
  message(link: Link, message: Exclude<Message, ChunkHeader>): void
  /** The first byte of a chunk has come. */
  chunkBegins(link: Link, header: ChunkHeader): void
  /** A chunk has come whole; its digest is not checked yet. */
  chunkArrived(link: Link, header: ChunkHeader, body: ChunkBody): void
  /**
   * A chunk that this node was sending has left, or (`sent` false) was given up with its link. `bytes` tells how much has
   * left where the other side can ask for a part.
   */
  chunkSent(link: Link, requestId: number, sent: boolean, bytes?: number): void
  /** A `have` that could wait has come on the link with this `newsRow`: instead of `message`, where a handler has this. */
  news?(row: number, chunk: number, active: number, queued: number): void
  /** The other side of the link with this `newsRow` wants nothing any more, and that could wait: instead of `message`. */
  uninterested?(row: number): void
}

/** Connections to other nodes, the tracker included. */
export interface Network {
  /**
   * Set by the node while a `have` on a link that allows it makes it do nothing. A hint: such messages may then be delivered
   * late, with the clock at their arrival, but before this node's timers fire and before it hears anything that could make
   * it choose: all but requests, cancels, `chunkBegins` and `chunkSent`.
   */
  newsCanWait?: boolean
  /** Set by the node while it changes nothing but what it knows that another one wants nothing any more. The same hint for that. */
  interestCanWait?: boolean
  /** Names who hears of this node's links; once, before anything else. */
  attach(handler: LinkHandler): void
  /** Starts to connect; `linkUp` or `linkDown` tells how it went. */
  connect(remote: Address): Link
  /** Ends a link, or the attempt to open it; nothing more is heard of it. What was sent before still arrives; chunks
   * under way are given up. The other side hears `closed`. */
  close(link: Link): void
  /** Sends a control message. Messages on one link arrive in order. */
  send(link: Link, message: Exclude<Message, ChunkHeader>): void
  /** The same as to send `have` over each of the links with these numbers, in their order. */
  sendNews?(numbers: readonly number[], have: Have): void
  /** Sends a chunk; `chunkSent` is called when it is done. Several chunks on one link share its bandwidth or queue. */
  sendChunk(link: Link, header: ChunkHeader, body: ChunkBody): void
  /** Stops sending a chunk; `chunkSent` is not called. Harmless if it is not being sent. */
  abortChunk(link: Link, requestId: number): void
}

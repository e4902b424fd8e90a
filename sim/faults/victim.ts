import type { NodeFaults } from '../faults.ts'
import type { SimNetwork } from '../sim-network.ts'
import type { FaultyPorts } from './faulty-ports.ts'
import type { Role } from './target.ts'

/** A program on a host that faults may strike. */
export interface Victim {
  readonly label: string
  readonly role: Role
  readonly network: SimNetwork
  readonly faults: NodeFaults
  /** Those of the present session. */
  readonly ports: FaultyPorts
  /** Whether it has not gone for good. */
  readonly isHere: boolean
  /** Whether it is away for a while. */
  readonly isDown: boolean
  /** Its program or its host is gone for a while; `refuses`: the host is there and tells so. */
  goDown(refuses: boolean): void
  /** It is there again; `keeps`: with what it had stored or, for a tracker, remembered. */
  comeBack(keeps: boolean): void
}

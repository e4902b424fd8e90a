import type { Random } from '../peer/ports/random.ts'
import { Tracker } from '../tracker/core/tracker.ts'
import { drawFaults, type NodeFaults } from './faults.ts'
import { FaultyPorts } from './faults/faulty-ports.ts'
import type { Victim } from './faults/victim.ts'
import { rttEstimateMs } from './regions.ts'
import type { SimNetwork } from './sim-network.ts'
import type { WorldContext } from './world-context.ts'

const TRACKER_BPS = 1.25e9
/** Where trackers stand: the first in the first region, and so on in turn. */
const TRACKER_REGIONS = ['eu-west', 'na-east', 'east-asia']

/** The address of a world's tracker number `number`, from 0. */
export const trackerAddress = (number: number): string => `${labelOf(number)}.sim:6969`

const labelOf = (number: number): string => (number === 0 ? 'tracker' : `tracker-${number}`)

/** One of a world's trackers: a core, on a host that never tires. */
export class TrackerNode implements Victim {
  readonly label: string
  readonly role = 'tracker'
  readonly isHere = true
  readonly network: SimNetwork
  readonly faults: NodeFaults
  ports: FaultyPorts
  isDown = false
  readonly #context: WorldContext
  readonly #random: Random
  #tracker: Tracker
  #lives = 1

  constructor(number: number, context: WorldContext) {
    const { config, fabric, random } = context
    const region = TRACKER_REGIONS[number % TRACKER_REGIONS.length]
    this.#context = context
    this.label = labelOf(number)
    this.#random = random.fork(this.label)
    this.faults = drawFaults(config.faults, 'tracker', region, random.fork('faults', this.label))
    const address = trackerAddress(number)
    this.network = fabric.addNode({
      address,
      region,
      upBps: TRACKER_BPS,
      downBps: TRACKER_BPS,
      lastMileMs: 0,
    })
    this.ports = new FaultyPorts(this.network, this.faults)
    this.#tracker = this.#create(this.#random)
  }

  get core(): Tracker {
    return this.#tracker
  }

  get ranMs(): number {
    return this.ports.ranMs
  }

  /** Members of all swarms. */
  get members(): number {
    return [...this.#tracker.swarms()].reduce((sum, { size }) => sum + size, 0)
  }

  start(): void {
    this.#tracker.start()
  }

  goDown(refuses: boolean): void {
    this.isDown = true
    this.ports.resume()
    if (refuses) this.network.shutDown()
    else this.network.crash()
  }

  comeBack(keeps: boolean): void {
    this.isDown = false
    this.network.revive(keeps)
    if (keeps) return
    this.#tracker.stop()
    this.ports.stop()
    this.ports = new FaultyPorts(this.network, this.faults)
    this.#tracker = this.#create(this.#random.fork(++this.#lives))
    this.#tracker.start()
  }

  #create(random: Random): Tracker {
    const { config, recorder, createRanker, oracle } = this.#context
    const { clock, network } = this.ports
    const ranker = createRanker(
      'tracker',
      this.label,
      this.#context.random.fork('ranker', this.label),
      oracle,
    )
    return new Tracker(
      { clock, random, network, ranker, recorder },
      { settings: config.tracker, rttEstimateMs },
    )
  }
}

import type { RouterSettings } from '../../peer/core/content-router.ts'
import type { NodePlan } from '../population.ts'
import { type NodeAccount, SimNode } from '../sim-node.ts'
import type { WorldContext } from '../world-context.ts'
import type { Catalogue } from './catalogue.ts'
import type { MusicConfig } from './config.ts'
import { TrackHost } from './track-host.ts'

/** Clients keep a link ready, which says what it is for when it is needed. */
const PATIENT_MS = 365 * 86_400_000
const MOST_LINKS = 1_000_000

/** The server: holds every track, and serves whoever asks. */
export class ServerNode extends SimNode {
  readonly #config: MusicConfig
  readonly #catalogue: Catalogue
  /** One a session; the last is the present one. */
  readonly #hosts: TrackHost[] = []

  constructor(plan: NodePlan, context: WorldContext, config: MusicConfig, catalogue: Catalogue) {
    super(plan, context)
    this.#config = config
    this.#catalogue = catalogue
  }

  accounts(): NodeAccount[] {
    return this.#hosts.flatMap((host) => host.accounts())
  }

  protected begin(): void {
    const host = this.#open()
    this.#hosts.push(host)
    host.start()
  }

  protected leave(): void {
    this.#hosts.at(-1)!.leave()
  }

  protected crash(): void {
    this.#hosts.at(-1)!.crash()
  }

  protected override restart(): boolean {
    this.begin()
    return true
  }

  #open(): TrackHost {
    const { peer, swarm } = this.context.config
    const router: RouterSettings = {
      softLinks: MOST_LINKS,
      hardLinks: MOST_LINKS,
      idleLinkMs: 2 * this.#config.node.idleLinkMs,
      handshakeTimeoutMs: PATIENT_MS,
    }
    return new TrackHost(this, this.context, this.#catalogue, {
      session: this.#hosts.length,
      router,
      settings: { ...peer, giveUpMs: 0, ...swarm.origin!.settings },
      isOrigin: true,
      origins: [],
      onFetchEnd: (result, durationMs, fetch) => this.fetchEnded(result, durationMs, fetch),
      held: ({ all }) => all,
      putAway: () => undefined,
    })
  }
}

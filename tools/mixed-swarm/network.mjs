// Hosts in network namespaces on one bridge, each with an access line of its own: token buckets (tbf) up and down.
import { spawn, spawnSync } from 'node:child_process'

const HUB_ADDRESS = '10.77.0.1'
const BURST_BYTES = 32_768

function command(...args) {
  const { status, stderr } = spawnSync(args[0], args.slice(1), { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr.trim()}`)
}

/** A star of hosts; needs the rights to make network namespaces. */
export class Network {
  #prefix = `seedbed-${process.pid}-`
  #hub = `${this.#prefix}hub`
  #spaces = []
  #processes = new Set()

  constructor() {
    this.#addSpace(this.#hub)
    command('ip', '-n', this.#hub, 'link', 'add', 'br0', 'type', 'bridge')
    command('ip', '-n', this.#hub, 'address', 'add', `${HUB_ADDRESS}/24`, 'dev', 'br0')
    command('ip', '-n', this.#hub, 'link', 'set', 'br0', 'up')
  }

  get hub() {
    return { space: this.#hub, address: HUB_ADDRESS }
  }

  /** Adds a host; rates in Mbit/s. */
  addHost({ upMbps, downMbps }) {
    const number = this.#spaces.length
    const space = `${this.#prefix}${number}`
    const address = `10.77.0.${10 + number}`
    const port = `p${number}`
    this.#addSpace(space)
    command(
      'ip',
      '-n',
      this.#hub,
      'link',
      'add',
      port,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      space,
    )
    command('ip', '-n', this.#hub, 'link', 'set', port, 'master', 'br0', 'up')
    command('ip', '-n', space, 'address', 'add', `${address}/24`, 'dev', 'eth0')
    command('ip', '-n', space, 'link', 'set', 'eth0', 'up')
    shape(space, 'eth0', upMbps)
    shape(this.#hub, port, downMbps)
    return { space, address }
  }

  /**
   * Adds a host behind a NAT of its own. Mappings keep their port whomever they lead to, as most home routers have it; a
   * symmetric NAT draws another port for each. Nobody is let in who was not talked to before.
   */
  addHostBehindNat({ isSymmetric, ...line }) {
    const nat = this.addHost(line).space
    const space = `${nat}-inside`
    this.#addSpace(space)
    command('ip', '-n', nat, 'link', 'add', 'inside', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space)
    command('ip', '-n', nat, 'address', 'add', '192.168.1.1/24', 'dev', 'inside')
    command('ip', '-n', nat, 'link', 'set', 'inside', 'up')
    command('ip', '-n', space, 'address', 'add', '192.168.1.2/24', 'dev', 'eth0')
    command('ip', '-n', space, 'link', 'set', 'eth0', 'up')
    command('ip', '-n', space, 'route', 'add', 'default', 'via', '192.168.1.1')
    const inNat = (...words) => command('ip', 'netns', 'exec', nat, ...words)
    inNat('sysctl', '-qw', 'net.ipv4.ip_forward=1')
    const translate = ['iptables', '-t', 'nat', '-A', 'POSTROUTING', '-o', 'eth0', '-j', 'MASQUERADE']
    inNat(...translate, ...(isSymmetric ? ['--random-fully'] : []))
    inNat('iptables', '-A', 'INPUT', '-i', 'eth0', '-j', 'DROP')
    return { space, address: '192.168.1.2' }
  }

  /** Starts a program on a host. */
  start({ space }, [program, ...args], { stdout = 'ignore' } = {}) {
    const child = spawn('ip', ['netns', 'exec', space, program, ...args], {
      stdio: ['ignore', stdout, 'ignore'],
    })
    this.#processes.add(child)
    child.on('close', () => this.#processes.delete(child))
    return child
  }

  /** Ends all programs and takes the hosts away. */
  async remove() {
    const ended = [...this.#processes].map((child) => new Promise((resolve) => child.on('close', resolve)))
    for (const space of this.#spaces) {
      const { stdout } = spawnSync('ip', ['netns', 'pids', space], { encoding: 'utf8' })
      for (const pid of stdout.split('\n').filter(Boolean)) kill(Number(pid))
    }
    await Promise.all(ended)
    for (const space of this.#spaces.splice(0)) spawnSync('ip', ['netns', 'delete', space])
  }

  #addSpace(space) {
    command('ip', 'netns', 'add', space)
    this.#spaces.push(space)
    command('ip', '-n', space, 'link', 'set', 'lo', 'up')
  }
}

function shape(space, device, mbps) {
  const rate = ['rate', `${mbps}mbit`, 'burst', `${BURST_BYTES}`, 'latency', '100ms']
  command('tc', '-n', space, 'qdisc', 'add', 'dev', device, 'root', 'tbf', ...rate)
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

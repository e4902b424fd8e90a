/**
 * Indexed 4-ary min-heap over small integers (links), ordered by key (finish time in ms), then by integer.
 * An item's key can be changed or removed in O(log n).
 */
export class FlowHeap {
  size = 0
  private keys = new Float64Array(64)
  private items = new Int32Array(64)
  private positions = new Int32Array(64).fill(-1)

  /** Key of the first item, Infinity when empty. */
  get topKey(): number {
    return this.size > 0 ? this.keys[0] : Infinity
  }

  /** The item with the smallest key; only where `size` > 0. */
  get top(): number {
    return this.items[0]
  }

  /** Makes room for items 0 … count − 1. */
  reserve(count: number): void {
    if (count <= this.items.length) return
    const length = Math.max(count, this.items.length * 2)
    const keys = new Float64Array(length)
    const items = new Int32Array(length)
    const positions = new Int32Array(length).fill(-1)
    keys.set(this.keys)
    items.set(this.items)
    positions.set(this.positions)
    this.keys = keys
    this.items = items
    this.positions = positions
  }

  /** Inserts the item or changes its key; Infinity removes it. */
  set(item: number, key: number): void {
    const position = this.positions[item]
    if (key === Infinity) {
      if (position >= 0) this.removeAt(position)
    } else if (position < 0) {
      this.rise(this.size++, item, key)
    } else {
      this.settle(position, item, key)
    }
  }

  private removeAt(position: number): void {
    this.positions[this.items[position]] = -1
    const last = --this.size
    if (position !== last) this.settle(position, this.items[last], this.keys[last])
  }

  private settle(position: number, item: number, key: number): void {
    if (position > 0) {
      const parent = (position - 1) >> 2
      const parentKey = this.keys[parent]
      if (key < parentKey || (key === parentKey && item < this.items[parent])) {
        return this.rise(position, item, key)
      }
    }
    this.sink(position, item, key)
  }

  private rise(position: number, item: number, key: number): void {
    const { keys, items, positions } = this
    let hole = position
    while (hole > 0) {
      const parent = (hole - 1) >> 2
      const parentKey = keys[parent]
      const parentItem = items[parent]
      if (parentKey < key || (parentKey === key && parentItem < item)) break
      keys[hole] = parentKey
      items[hole] = parentItem
      positions[parentItem] = hole
      hole = parent
    }
    keys[hole] = key
    items[hole] = item
    positions[item] = hole
  }

  private sink(position: number, item: number, key: number): void {
    const { keys, items, positions, size } = this
    let hole = position
    for (;;) {
      let child = hole * 4 + 1
      if (child >= size) break
      let best = child
      let bestKey = keys[child]
      const end = child + 4 < size ? child + 4 : size
      while (++child < end) {
        const childKey = keys[child]
        if (childKey < bestKey || (childKey === bestKey && items[child] < items[best])) {
          best = child
          bestKey = childKey
        }
      }
      const bestItem = items[best]
      if (bestKey > key || (bestKey === key && bestItem > item)) break
      keys[hole] = bestKey
      items[hole] = bestItem
      positions[bestItem] = hole
      hole = best
    }
    keys[hole] = key
    items[hole] = item
    positions[item] = hole
  }
}

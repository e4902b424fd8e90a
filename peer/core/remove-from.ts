/** Takes an item off a list, in place and without an array for what was taken; returns whether it was there. */
export function removeFrom<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item)
  if (at >= 0) removeAt(list, at)
  return at >= 0
}

/** Takes the item at a place off a list. */
export function removeAt<T>(list: T[], at: number): void {
  for (let i = at + 1; i < list.length; i++) list[i - 1] = list[i]
  list.pop()
}

/** Cuts a list to its first `length` items: for lists that lose few, much quicker than to set the length. */
export function truncate(list: unknown[], length: number): void {
  while (list.length > length) list.pop()
}

/** @file Groups of rows that must not be divided: those of the group column, joined where texts are identical. */

/** A group number for each row, counted by first appearance. */
export function groupRows(keys: readonly string[], groups: readonly string[] | null): Int32Array {
  const parent = Int32Array.from(keys, (_, i) => i);
  const root = (row: number): number => {
    let at = row;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!; // halves the path
      at = parent[at]!;
    }
    return at;
  };
  for (const labels of groups === null ? [keys] : [keys, groups]) {
    const first = new Map<string, number>();
    for (const [row, label] of labels.entries()) {
      const known = first.get(label);
      if (known === undefined) first.set(label, row);
      else parent[root(row)] = root(known);
    }
  }
  const numbers = new Map<number, number>();
  return Int32Array.from(keys, (_, row) => {
    const key = root(row);
    const found = numbers.get(key) ?? numbers.size;
    numbers.set(key, found);
    return found;
  });
}

/** @file Row numbers of trials: where one stands among many, and many as SQLite takes them. */

/** Place of a trial in the columns, -1 where it is not among them. */
export function placeOf(trials: Int32Array, trial: number): number {
  let [low, high] = [0, trials.length - 1];
  // Where no trial was ever removed, places are row numbers less the first.
  const guess = trial - (trials[0] ?? 0);
  if (trials[guess] === trial) return guess;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = trials[middle] ?? 0;
    if (found === trial) return middle;
    if (found < trial) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Row numbers as SQLite's json_each takes them. */
export function listOf(keys: Int32Array): string {
  return `[${keys.join(",")}]`;
}

/** @file The receiver operating characteristic of scores for a binary task. */

export type Roc = {
  /** Points (false positive rate, true positive rate) from (0, 0) to (1, 1). */
  readonly points: readonly (readonly [number, number])[];
  readonly area: number;
};

/** Curve and area under it; equal scores are one step, so the area is the tie-corrected rank statistic. */
export function rocOf(scores: ArrayLike<number>, positive: ArrayLike<boolean>): Roc | null {
  const order = Array.from({ length: scores.length }, (_, i) => i).toSorted(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0),
  );
  const positives = order.reduce((sum, i) => sum + (positive[i] ? 1 : 0), 0);
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const points: [number, number][] = [[0, 0]];
  let [hits, alarms, area] = [0, 0, 0];
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at] ?? 0];
    const [x, y] = [alarms / negatives, hits / positives];
    while (at < order.length && scores[order[at] ?? 0] === score) {
      if (positive[order[at] ?? 0]) hits++;
      else alarms++;
      at++;
    }
    const [nextX, nextY] = [alarms / negatives, hits / positives];
    area += (nextX - x) * ((y + nextY) / 2);
    points.push([nextX, nextY]);
  }
  return { points, area };
}

/** The same curve with points that can not be told apart at `steps` steps per side left out; for drawing only. */
export function thinned(points: Roc["points"], steps = 400): Roc["points"] {
  let last: readonly [number, number] = [-1, -1];
  return points.filter((point, i) => {
    const moved = Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]);
    if (i < points.length - 1 && moved < 1 / steps) return false;
    last = point;
    return true;
  });
}

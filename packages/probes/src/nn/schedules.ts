/** @file Learning rate schedules: a factor on the learning rate for each step, as `transformers` defines them. */

/** What follows the warm-up; `linear` and `cosine` fall to zero at the last step. */
export const scheduleNames = ["linear", "cosine", "constant"] as const;
export type ScheduleName = (typeof scheduleNames)[number];

const shapes: Readonly<Record<ScheduleName, (progress: number) => number>> = {
  linear: (progress) => 1 - progress,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
  constant: () => 1,
};

/** The factor of step 0, 1, ...: rises from 0 over the warm-up, then takes its shape. */
export function scheduleFactor(
  schedule: ScheduleName,
  step: number,
  { total, warmup }: { readonly total: number; readonly warmup: number },
): number {
  if (step < warmup) return step / Math.max(1, warmup);
  const progress = (step - warmup) / Math.max(1, total - warmup);
  return Math.max(0, shapes[schedule](Math.min(1, progress)));
}

/** Steps of a warm-up given as a share of all steps (below 1) or as a number of steps. */
export const warmupSteps = (warmup: number, total: number): number =>
  warmup < 1 ? Math.ceil(warmup * total) : warmup;

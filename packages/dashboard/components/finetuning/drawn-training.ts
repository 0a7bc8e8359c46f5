/** @file A training as charts and table draw it: its colour, its name, its values on the axes. */

import type { Combination } from "@/lib/queries/compare";
import type { Training } from "@/lib/tuning";

export type DrawnTraining = Training & {
  /** Place of its colour: the order in which trainings were planned, so that no line changes colour while scores come in. */
  readonly place: number;
  /** What tells it apart. */
  readonly label: string;
};

/** Names and colours for trainings. */
export function drawnTrainings(trainings: readonly Training[]): readonly DrawnTraining[] {
  const differ = (of: (training: Training) => unknown) => new Set(trainings.map(of)).size > 1;
  const said = {
    model: differ(({ model }) => model),
    head: differ(({ head }) => head),
    seed: differ(({ seed }) => seed),
  };
  const ids = trainings.map(({ id }) => id).toSorted();
  return trainings.map((training) => {
    const { id, model, head, knobs, seed } = training;
    const words = [
      said.model && model,
      said.head && head,
      knobs,
      said.seed && `seed ${seed}`,
    ].filter(Boolean);
    return { ...training, place: ids.indexOf(id), label: words.join(" · ") || model };
  });
}

/** Its values on the axes that selections are made of, and its score. */
export function combinationOf({ model, head, knobs, seed, best }: Training): Combination {
  return {
    values: { model, classifier: head, options: knobs, seed: String(seed ?? 0) },
    trials: 1,
    mean: best?.value ?? Number.NaN,
  };
}

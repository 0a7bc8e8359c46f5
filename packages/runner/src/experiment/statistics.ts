/** @file What is computed for every trial beside its scores, and the axes that show how sure a score is. */

import { canonicalJson } from "../canonical.ts";
import { ExperimentError } from "../errors.ts";
import { formatCount } from "../format.ts";
import type { ClassifierSpec } from "./classifiers.ts";

/** As an experiment has it, defaults filled in. */
export type Statistics = {
  /** Resamples of the intervals over items. */
  readonly bootstrap: number;
  /** Times the labels are permuted and probed again. */
  readonly permutations: number;
  readonly control: boolean;
  /** Random orders of the rows whose online code is measured. */
  readonly descriptionLength: number;
  readonly bagOfWords: boolean;
  /** Trials that are worse than the best one so far with a p below it after some folds are stopped; 0 for none. */
  readonly stop: number;
  /** Folds after which that is first looked at. */
  readonly stopAfter: number;
};

/** What trials get when an experiment says nothing. */
export const defaultStatistics: Statistics = {
  bootstrap: 1000,
  permutations: 0,
  control: false,
  descriptionLength: 0,
  bagOfWords: false,
  stop: 0,
  stopAfter: 3,
};

/** The part of a trial's spec that statistics change; empty where they are the defaults, and bag of words is not of trials. */
export function statisticsOfSpec({ bagOfWords: _, ...own }: Statistics): Partial<Statistics> {
  const changed = Object.entries(own).filter(
    ([name, value]) =>
      value !== defaultStatistics[name as keyof Statistics] &&
      (name !== "stopAfter" || own.stop > 0),
  );
  return Object.fromEntries(changed);
}

export type Axes = { readonly seeds: readonly number[]; readonly trainSizes: readonly number[] };

const mostClassifiers = 1_000_000; // each is an object in memory

/** Every classifier with every training size and every seed; both are shown and hashed where they are asked for. */
export function expandClassifiers(
  classifiers: readonly ClassifierSpec[],
  { seeds, trainSizes }: Axes,
): readonly ClassifierSpec[] {
  refuseRepeats(seeds, "seeds");
  refuseRepeats(trainSizes, "trainSizes");
  const count = classifiers.length * Math.max(1, trainSizes.length) * Math.max(1, seeds.length);
  if (count > mostClassifiers) {
    const most = `expected at most ${formatCount(mostClassifiers)} of classifiers, seeds and training sizes together`;
    throw new ExperimentError(`${most}, got ${formatCount(count)}`, { path: "classifiers" });
  }
  return classifiers.flatMap((classifier) =>
    (trainSizes.length > 0 ? trainSizes : [null]).flatMap((trainRows) =>
      (seeds.length > 0 ? seeds : [null]).map((seed) => ({
        ...(trainRows === null ? classifier : withTrainRows(classifier, trainRows)),
        ...(seed === null ? {} : { seed }),
      })),
    ),
  );
}

function withTrainRows(classifier: ClassifierSpec, trainRows: number): ClassifierSpec {
  return {
    ...classifier,
    trainRows,
    shown: `${classifier.shown} trainRows=${trainRows}`.trim(),
    key: canonicalJson({ ...JSON.parse(classifier.key), trainRows }),
  };
}

function refuseRepeats(values: readonly number[], path: string): void {
  const seen = new Set<number>();
  const twice = values.find((value) => seen.size === seen.add(value).size);
  if (twice === undefined) return;
  throw new ExperimentError(`expected each value once, got ${twice} twice`, { path });
}

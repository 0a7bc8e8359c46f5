/** @file Errors a person can act on, and the nearest known name for a misspelt one. */

/** Something in an experiment file (or on the command line) is wrong; `path` says where inside the file. */
export class ExperimentError extends Error {
  override readonly name = "ExperimentError";
  /** Where inside the file, e.g. `poolers[0].token`; empty when the whole file is meant. */
  readonly path: string;

  constructor(message: string, { path = "", cause }: { path?: string; cause?: unknown } = {}) {
    super(path === "" ? message : `${path}: ${message}`, cause === undefined ? {} : { cause });
    this.path = path;
  }
}

/** Names people bring from other tools, and what we call the same thing. */
const synonyms: Readonly<Record<string, string>> = {
  average: "mean",
  avg: "mean",
  bayes: "gaussian-nb",
  centroid: "nearest-centroid",
  extend: "concat",
  gaussian: "gaussian-nb",
  kfold: "stratified",
  "k-fold": "stratified",
  "linear-discriminant-analysis": "lda",
  logreg: "logistic",
  lr: "logistic",
  maximum: "max",
  minimum: "min",
  naivebayes: "gaussian-nb",
  penultimate: "second-to-last",
  random: "resampled",
};

/** `unknown pooling "avg", did you mean "mean"? (expected one of cls, mean, max)`. */
export function unknownName(what: string, got: unknown, known: readonly string[]): string {
  const nearest = typeof got === "string" ? nearestName(got, known) : undefined;
  const hint = nearest === undefined ? "" : `did you mean ${JSON.stringify(nearest)}? `;
  return `unknown ${what} ${cut(JSON.stringify(got) ?? "nothing", 100)}, ${hint}expected one of ${listNames(known)}`;
}

const mostListed = 40;

/** Names one after the other; of many, or long ones, as much as a person reads. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).map((name) => cut(name, 60));
  return names.length > mostListed
    ? `${shown.join(", ")} and ${names.length - mostListed} more`
    : shown.join(", ");
}

const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

const longestName = 200;

/** The known name closest to `got` by edit distance, or undefined when nothing is near. */
export function nearestName(got: string, known: readonly string[]): string | undefined {
  if (got.length > longestName) return undefined;
  const wanted = normalise(got);
  const synonym = synonyms[got.toLowerCase()];
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(wanted.length / 2)) + 1;
  for (const name of known) {
    if (name.length > longestName) continue;
    const candidate = normalise(name);
    const contained =
      wanted.length > 2 && (candidate.startsWith(wanted) || wanted.startsWith(candidate));
    const distance = contained ? 1 : editDistance(wanted, candidate);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

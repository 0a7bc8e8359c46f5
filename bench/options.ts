/** @file What every benchmark can be told on its command line: other data, another model, other sizes. */

import { parseArgs } from "node:util";

export type BenchOptions = {
  /** A dataset file with the columns of its texts and labels; synthetic texts where there is none. */
  readonly data: string | null;
  readonly text: string;
  readonly label: string;
  readonly rows: number;
  /** A checkpoint folder; random weights of `width` and `layers` where there is none. */
  readonly model: string | null;
  readonly width: number;
  /** Layers of the random model. */
  readonly layers: number;
  readonly rounds: number;
  /** Of every session, ours and the peers'. */
  readonly threads: number;
};

type Sizes = Pick<BenchOptions, "rows" | "width" | "layers" | "rounds">;

/** Reads `--data --text --label --rows --model --width --layers --rounds --threads`; what is not said has the benchmark's own default. */
export function benchOptions(defaults: Sizes): BenchOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      ...{ data: text, text, label: text, rows: text },
      ...{ model: text, width: text, layers: text, rounds: text, threads: text },
    },
  });
  const count = (name: keyof Sizes) => Number(values[name] ?? defaults[name]);
  return {
    data: values.data ?? null,
    text: values.text ?? "text",
    label: values.label ?? "label",
    model: values.model ?? null,
    ...{ rows: count("rows"), width: count("width"), layers: count("layers") },
    rounds: count("rounds"),
    threads: Number(values.threads ?? 2),
  };
}

/** Whether a benchmark was started by itself, and not by bench/all.ts. */
export const isMain = (meta: ImportMeta) => meta.filename === process.argv[1];

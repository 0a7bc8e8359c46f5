/** @file Workers that crash, hang or run out of memory at a trial: it fails alone, and everything else is there. */

import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../packages/runner/src/store/index.ts";
import { expectKept, readFolds } from "./check.ts";
import type { Case } from "./matrix.ts";
import { makeNight, nightFields, smallFields } from "./night.ts";
import { quietFolds } from "./quiet.ts";
import { runToEnd } from "./runner.ts";

/** On a busy machine a worker may take that long to start, so only those that wait for it get it. */
const soon = ["--worker-timeout", "12"];

export const workerCases: readonly Case[] = [
  { name: "a trial that aborts natively", run: () => deadly("process.abort()", /SIGABRT/) },
  { name: "a trial that ends its process", run: () => deadly("process.exit(7)", /code 7/) },
  {
    name: "a trial that hangs forever",
    run: () => deadly("for (;;) {}", /no sign of life for 12 s/, soon),
  },
  {
    name: "a trial that waits forever while its process lives",
    run: () =>
      deadly(
        "return new Promise(() => setInterval(() => {}, 1000))",
        /lived but did not get on/,
        soon,
      ),
  },
  {
    name: "a trial that fills the heap",
    run: () => deadly("const all = []; for (;;) all.push(new Array(1e6).fill(0.5))", /SIG|code/),
  },
  {
    name: "a trial that returns NaN",
    run: () => deadly("return { predict: () => new Float32Array(1e4).fill(NaN) }", /./),
  },
  {
    name: "a trial that aborts the runner itself, with --executor inline",
    run: () =>
      deadly("process.abort()", /the runner was ended by SIGABRT/, ["--executor", "inline"]),
  },
];

/** Adds a classifier that does this on one feature matrix; its trials fail with the reason, the others are whole. */
async function deadly(body: string, reason: RegExp, args: readonly string[] = []): Promise<void> {
  const night = makeNight();
  const experiment = join(night.folder, "deadly.ts");
  const few = { ...smallFields, poolers: [{ layer: 1, token: "mean" }] };
  const fields = { ...nightFields, ...few };
  const source = `const fields = ${JSON.stringify(fields)};
    const deadly = { name: "deadly", fit: () => { ${body} } };
    export default { ...fields, classifiers: [...fields.classifiers, deadly] };`;
  writeFileSync(experiment, source);
  const env = { NODE_OPTIONS: "--max-old-space-size=256" };
  await runToEnd(night, { experiment, code: 1, args, env });
  const folds = readFolds(night.store);
  const quiet = await quietFolds(few);
  assert.equal(folds.size, quiet.size);
  expectKept(quiet, folds);
  using store = openStore(night.store, { readonly: true });
  const counts = store.sqlite
    .prepare("select state, count(*) as trials from trials group by state order by state")
    .all();
  assert.deepEqual(counts, [
    { state: "done", trials: 2 },
    { state: "failed", trials: 1 },
  ]);
  const errors = store.sqlite
    .prepare<[], string>("select error from trials where state = 'failed'")
    .pluck()
    .all();
  for (const error of errors) assert.match(error, reason);
}

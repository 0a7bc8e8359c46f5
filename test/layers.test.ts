/** @file Imports point down: probes know nothing of the runner, the runner nothing of the dashboard. */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";

const root = new URL("..", import.meta.url).pathname;

/** For each folder, what its sources must not import (tests are free). */
const rules: readonly {
  readonly folder: string;
  readonly forbidden: RegExp;
  readonly because: string;
}[] = [
  {
    folder: "packages/probes/src",
    forbidden:
      /^(@probegrid\/(runner|dashboard)|.*\/(runner|dashboard)\/|node:|better-sqlite3|piscina|yargs|next|react)/,
    because: "probes are numbers in, numbers out",
  },
  {
    folder: "packages/runner/src",
    forbidden: /^(@probegrid\/dashboard|.*\/dashboard\/|next$|next\/|react)/,
    because: "nothing upstream imports anything downstream",
  },
  {
    folder: "packages/dashboard",
    forbidden:
      /^(@probegrid\/runner(?!\/store)|.*\/runner\/src\/(?!store)|onnxruntime-node|piscina)/,
    because: "the dashboard reads the store and nothing else",
  },
];

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(
      (entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/node_modules|\.next/.test(file));
}

const imports = (file: string): readonly string[] =>
  [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    (match) => match[1]!,
  );

it.each(rules)("$folder: $because", ({ folder, forbidden }) => {
  const files = sources(folder);
  expect(files.length).toBeGreaterThan(5);
  const offending = files.flatMap((file) =>
    imports(file)
      .filter((name) => forbidden.test(name))
      .map((name) => `${relative(root, file)} imports ${name}`),
  );
  expect(offending).toEqual([]);
});

it("only the session file imports ONNX Runtime", () => {
  const importing = sources("packages").filter((file) =>
    imports(file).includes("onnxruntime-node"),
  );
  expect(importing.map((file) => relative(root, file))).toEqual([
    "packages/probes/src/graph/session.ts",
  ]);
});

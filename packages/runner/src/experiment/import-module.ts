/** @file Imports a TypeScript experiment file from anywhere on the disk. */

import { register } from "node:module";
import { pathToFileURL } from "node:url";

let ready = false;

/**
 * The default export of a TypeScript or JavaScript module. The module may lie outside this repository and still
 * import "@probegrid/runner" and "@probegrid/probes": resolve-hook.mjs finds them from here. TypeScript itself is read
 * by tsx, under which this process and its workers run.
 */
export async function importDefault(file: string): Promise<unknown> {
  if (!ready) {
    register("./resolve-hook.mjs", { parentURL: import.meta.url, data: { from: import.meta.url } });
    ready = true;
  }
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    readonly default?: unknown;
  };
  return module.default;
}

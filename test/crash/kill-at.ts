/** @file Kills a process at a chosen instant: when it first does something to a file of a certain name. */

import { strict as assert } from "node:assert";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Night } from "./night.ts";

/** An instant: a function of node:fs, a part of an argument, and whether the file was touched already. */
export type Instant = {
  readonly call: "renameSync" | "rmSync" | "readFileSync" | "symlinkSync";
  readonly file: RegExp;
  readonly when: "before" | "after";
};

/** The environment of a command in which whichever process comes to the instant first is killed, once. */
export function killedAt({ folder }: Pick<Night, "folder">, { call, file, when }: Instant) {
  const marker = join(folder, `killed-${call}-${when}`);
  const preload = join(folder, `${call}-${when}.mjs`);
  writeFileSync(
    preload,
    `import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    const { ${call}: real, existsSync, writeFileSync } = fs;
    const die = () => {
      writeFileSync(${JSON.stringify(marker)}, "");
      for (;;) process.kill(process.pid, "SIGKILL");
    };
    fs.${call} = (...args) => {
      const hit = args.some((one) => typeof one === "string" && ${file}.test(one));
      const now = hit && !existsSync(${JSON.stringify(marker)});
      if (now && ${when === "before"}) die();
      const result = real(...args);
      if (now) die();
      return result;
    };
    syncBuiltinESMExports();`,
  );
  return {
    env: { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}` },
    expectHit: () => assert(existsSync(marker), `nothing was killed at ${call} of ${file}`),
  };
}

/** @file Builds the dashboard's pages once, and again when their sources have changed. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** What the build is made from, besides installed packages. */
const sources = [
  "app",
  "components",
  "lib",
  "next.config.mjs",
  "postcss.config.mjs",
  "tsconfig.json",
  "package.json",
] as const;

/** What its pages import from other packages. */
const imported = [
  ...["./store/", "./statistics/", "../../probes/src/statistics/"],
  ...["../../probes/src/attributions/agreement.ts", "../../probes/src/attributions/words.ts"],
].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** Makes sure that a folder holds a build of its present sources. */
export async function buildDashboard(folder: string): Promise<void> {
  const stamp = join(folder, ".next", "sources.txt");
  const wanted = fingerprint([...sources.map((name) => join(folder, name)), ...imported]);
  const built = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
  if (built === wanted && existsSync(join(folder, ".next", "BUILD_ID"))) return;
  const why = built === "" ? "the first time" : "its sources changed";
  process.stderr.write(`building the dashboard (${why}, under a minute)...\n`);
  while ((await runNextBuild(folder)) === "busy") {
    await sleep(2000); // another command builds the same
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  }
  writeFileSync(stamp, wanted);
}

/** Hash of the names and contents of all files below some paths; tests do not count. */
function fingerprint(paths: readonly string[]): string {
  const hash = createHash("sha256").update(process.version);
  const add = (path: string): void => {
    if (/\.test\.tsx?$/.test(path)) return;
    if (/\.[a-z]+$/.test(path)) {
      hash.update(path).update(readFileSync(path));
      return;
    }
    for (const name of readdirSync(path).toSorted()) add(join(path, name));
  };
  for (const path of paths) add(path);
  return hash.digest("hex");
}

/** Runs `next build`; its output is shown only when it fails. "busy" when another one is at work in the folder. */
async function runNextBuild(folder: string): Promise<"built" | "busy"> {
  const next = createRequire(join(folder, "package.json")).resolve("next/dist/bin/next");
  const build = spawn(process.execPath, [next, "build"], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [build.stdout, build.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise((done, failed) => {
    build.once("error", failed);
    build.once("exit", done);
  });
  if (code === 0) return "built";
  if (output.includes("Another next build process is already running")) return "busy";
  throw new Error(`dashboard: building its pages failed\n${output.trimEnd()}`);
}

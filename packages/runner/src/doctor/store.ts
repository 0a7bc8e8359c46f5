/** @file Examines a store: pages, references, runs that never ended, who may read it, what its disk holds. */

import { existsSync, statSync } from "node:fs";
import { dirname, relative } from "node:path";
import { messageOf } from "../errors.ts";
import { formatBytes, plural } from "../format.ts";
import { networkFileSystemOf } from "../store/file-system.ts";
import { openStore, type Store } from "../store/index.ts";
import { type Finding, note, ok, problem } from "./finding.ts";
import { examinePrivacy } from "./privacy.ts";

const restore = "restore a copy, or move it away: a run makes a new store from the cache";

export function examineStore(file: string): readonly Finding[] {
  if (!existsSync(file)) return [note("store", `${file} is not there yet`, "a run makes it")];
  const findings: Finding[] = [];
  try {
    using store = openStore(file, { readonly: true });
    findings.push(...examinePages(store), ...examineRuns(store), examineLog(file));
  } catch (error) {
    findings.push(problem("store", messageOf(error), restore));
  }
  const network = networkFileSystemOf(dirname(file));
  if (network !== undefined) {
    const text = `${file} lies on ${network}, where SQLite's locks are not reliable`;
    findings.push(problem("store", text, "keep it on a local disk: --store <file>"));
  }
  return [...findings, ...examinePrivacy("store", [file, dirname(file)])];
}

function examinePages(store: Store): readonly Finding[] {
  const found = store.sqlite.pragma("quick_check(3)", { simple: true });
  if (found !== "ok") return [problem("store", `${store.file} is damaged: ${found}`, restore)];
  const dangling = store.sqlite.pragma("foreign_key_check") as readonly unknown[];
  if (dangling.length > 0) {
    const refer = dangling.length === 1 ? "refers" : "refer";
    return [problem("store", `${plural(dangling.length, "row")} ${refer} to nothing`, restore)];
  }
  const bare = store.sqlite
    .prepare<[], number>(
      `select count(*) from trials where state = 'done' and kind <> 'attribute'
       and not exists (select 1 from scores where trial = key)`,
    )
    .pluck()
    .get();
  if (bare) return [problem("store", `${plural(bare, "trial")} done without a score`, restore)];
  const trials = store.sqlite
    .prepare<[], number>("select count(*) from trials where state = 'done'")
    .pluck()
    .get();
  const size = formatBytes(statSync(store.file).size);
  return [
    ok(
      "store",
      `${relative("", store.file)}: ${size}, ${plural(trials ?? 0, "finished trial")}, sound`,
    ),
  ];
}

const patience = 20_000; // milliseconds: a run at work says so every second

/** Runs that never said how they ended, and are not at work: killed, or the machine went down. */
function examineRuns(store: Store): readonly Finding[] {
  const open = store.sqlite
    .prepare<[], { pid: number; host: string; seenAt: number }>(
      "select pid, host, seenAt from runs where finishedAt is null",
    )
    .all();
  return open.map(({ pid, host, seenAt }) =>
    Math.abs(Date.now() - seenAt) < patience
      ? ok("run", `process ${pid} on ${host} is at work`)
      : note(
          "run",
          `process ${pid} on ${host} ended without a word, last heard of ${new Date(seenAt).toISOString()}`,
          "nothing finished is lost: run the experiment again",
        ),
  );
}

const largeLog = 256 * 2 ** 20; // bytes

/** A long reader keeps the write-ahead log from being emptied. */
function examineLog(file: string): Finding {
  const bytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const text = `write-ahead log ${formatBytes(bytes)}`;
  if (bytes < largeLog) return ok("store", text);
  return note("store", text, "close what reads the store for long; the next run empties it");
}

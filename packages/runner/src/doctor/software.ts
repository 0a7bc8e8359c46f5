/** @file Versions of what Probegrid stands on. */

import Database from "better-sqlite3";
import { atLeast } from "../at-least.ts";
import { describeEnvironment } from "../environment.ts";
import { oldestSqlite, sqliteVersion } from "../store/open.ts";
import { type Finding, ok, problem } from "./finding.ts";

const oldestNode = "20.19.0";

export function examineSoftware(): readonly Finding[] {
  const { probegrid, node, onnxruntime, platform, processor, cores, memory } =
    describeEnvironment("cpu");
  const sqlite = new Database(":memory:");
  const version = sqliteVersion(sqlite);
  sqlite.close();
  const gigabytes = Math.round(Number(memory) / 2 ** 30);
  return [
    ok("probegrid", String(probegrid)),
    atLeast(String(node), oldestNode)
      ? ok("node", String(node))
      : problem("node", `${node}, expected ${oldestNode} or newer`, "install a newer Node.js"),
    ok("onnxruntime", String(onnxruntime)),
    atLeast(version, oldestSqlite)
      ? ok("sqlite", version)
      : problem(
          "sqlite",
          `${version} can corrupt a store, expected ${oldestSqlite} or newer`,
          "npm install in the project's folder brings the right better-sqlite3",
        ),
    ok("machine", `${platform}, ${cores} cores (${processor}), ${gigabytes} GiB`),
  ];
}

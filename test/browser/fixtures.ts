/** @file What every browser test starts from: a dashboard on a store, and a page on which nothing may go wrong. */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import Database from "better-sqlite3";
import { command } from "./make-stores.ts";

export { expect };

/** Folder of the stores made before the tests. */
export function storeFolder(): string {
  const folder = process.env.PROBEGRID_TEST_STORES;
  if (folder === undefined) throw new Error("internal: PROBEGRID_TEST_STORES is not set");
  return folder;
}

export type Server = {
  readonly address: string;
  readonly output: () => string;
  readonly stop: () => Promise<void>;
};

/** Starts `probegrid dashboard` on a free port; without an address where it refused to start. */
export async function startDashboard(store: string, ...more: readonly string[]): Promise<Server> {
  const port = more.includes("--port") ? [] : ["--port", "0"];
  const server = spawn(process.execPath, [
    command,
    "dashboard",
    "--store",
    store,
    ...port,
    ...more,
  ]);
  let output = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.on("data", (text) => {
      output += text;
    });
  }
  // Either an address, or a reason why there will be none.
  await new Promise((settled) => {
    server.stdout.on("data", () => output.includes("Ctrl-C") && settled(undefined));
    server.once("close", settled);
  });
  const address = output.match(/http:\/\/\S+/)?.[0] ?? "";
  return { address, output: () => output, stop: () => stop(server) };
}

function stop(server: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (server.exitCode !== null) done();
    server.once("exit", () => done());
    server.kill();
  });
}

/** Rows of a store, read without any code of the dashboard. */
export function query<Row>(
  store: string,
  sql: string,
  ...values: readonly unknown[]
): readonly Row[] {
  const database = new Database(join(storeFolder(), store), { readonly: true });
  try {
    return database.prepare(sql).all(...values) as Row[];
  } finally {
    database.close();
  }
}

/** Mean of a metric over the folds of each trial, from single scores. */
export type Mean = {
  readonly id: string;
  readonly dataset: string;
  readonly layer: string;
  readonly token: string;
  readonly classifier: string;
  readonly mean: number;
};

export function means(metric = "accuracy", store = "done.db"): readonly Mean[] {
  const rows = query<Omit<Mean, "mean"> & { value: number }>(
    store,
    `select t.id, d.name as dataset, t.layer, t.token, t.classifier, s.value from scores s
       join trials t on t.key = s.trial join datasets d on d.id = t.dataset where s.metric = ?`,
    metric,
  );
  const groups = new Map<string, (typeof rows)[number][]>();
  for (const row of rows) groups.set(row.id, [...(groups.get(row.id) ?? []), row]);
  return [...groups.values()].map(([first, ...rest]) => {
    if (first === undefined) throw new Error("internal: a group is never empty");
    const values = [first, ...rest].map(({ value }) => value);
    return { ...first, mean: average(values) };
  });
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

type Fixtures = { readonly quiet: undefined };
type Shared = { readonly dashboard: Server };

/** `dashboard` looks at done.db; every page of a test must stay free of errors and foreign requests. */
export const test = base.extend<Fixtures, Shared>({
  dashboard: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what is destructured
    async ({}, use) => {
      const server = await startDashboard(join(storeFolder(), "done.db"));
      if (server.address === "") throw new Error(`no dashboard: ${server.output()}`);
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ dashboard }, use) => use(dashboard.address),
  quiet: [
    async ({ context }, use) => {
      const troubles: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning")
          troubles.push(message.text());
      });
      context.on("weberror", (error) => troubles.push(String(error.error())));
      context.on("request", (request) => {
        if (!/^(http:\/\/127\.0\.0\.1:|data:|blob:)/.test(request.url()))
          troubles.push(`foreign request ${request.url()}`);
      });
      await use(undefined);
      expect(troubles).toEqual([]);
    },
    { auto: true },
  ],
});

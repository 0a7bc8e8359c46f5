/** @file Accounts for the cluster of the tests: a database and slurmdbd of our own, so that `sacct` has something to say. */

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";

/** What the accounts add to a cluster; `stop` ends their daemons. */
export type Accounting = { readonly lines: readonly string[]; readonly stop: () => void };

type Options = {
  readonly folder: string;
  /** The database's; slurmdbd gets the next one. */
  readonly port: number;
  readonly environment: Environment;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Starts both and makes the cluster known; returns what slurm.conf has to say. Munge must be running. */
export function startAccounting({ folder, port, environment }: Options): Accounting {
  const data = join(folder, "database");
  mkdirSync(data, { recursive: true });
  const socket = join(data, "socket");
  const user = userInfo().username;
  const root = `--user=${user}`;
  must("mariadb-install-db", [
    "--no-defaults",
    `--datadir=${data}`,
    root,
    "--auth-root-authentication-method=normal",
  ]);
  const log = openSync(join(folder, "log", "mariadbd"), "a");
  const database = spawn(
    "mariadbd",
    ["--no-defaults", `--datadir=${data}`, `--socket=${socket}`, root].concat(
      `--port=${port}`,
      "--bind-address=127.0.0.1",
    ),
    { stdio: ["ignore", log, log] },
  );
  const client = (sql: string): boolean =>
    spawnSync("mariadb", ["--no-defaults", `--socket=${socket}`, "--user=root", "-e", sql])
      .status === 0;
  until("the database", () => client("select 1"));
  client("create user slurm@'127.0.0.1'; grant all on slurm.* to slurm@'127.0.0.1';");
  client("create user slurm@localhost; grant all on slurm.* to slurm@localhost;");
  const host = hostname().split(".")[0];
  const munge = join(folder, "munge", "socket");
  const lines = [
    "AuthType=auth/munge",
    `AuthInfo=socket=${munge}`,
    `DbdHost=${host}`,
    "DbdAddr=127.0.0.1",
    `DbdPort=${port + 1}`,
    `SlurmUser=${user}`,
    "StorageType=accounting_storage/mysql",
    "StorageHost=127.0.0.1",
    `StoragePort=${port}`,
    "StorageLoc=slurm",
    "StorageUser=slurm",
    `PidFile=${join(folder, "pid", "slurmdbd")}`,
    `LogFile=${join(folder, "log", "slurmdbd")}`,
  ];
  writeFileSync(join(folder, "slurmdbd.conf"), `${lines.join("\n")}\n`, { mode: 0o600 });
  must("slurmdbd", [], environment);
  return {
    lines: [
      "AccountingStorageType=accounting_storage/slurmdbd",
      "AccountingStorageHost=127.0.0.1",
      `AccountingStoragePort=${port + 1}`,
      `AccountingStoragePass=${munge}`,
    ],
    stop: () => {
      database.kill("SIGTERM");
    },
  };
}

/** Tells slurmdbd of the cluster, before its controller starts. */
export function registerCluster(name: string, env: Environment): void {
  const args = ["-i", "add", "cluster", name];
  until("slurmdbd", () => spawnSync("sacctmgr", args, { env, timeout: 10_000 }).status === 0);
}

function must(program: string, args: readonly string[], env: Environment = process.env): void {
  const { status, stderr, error } = spawnSync(program, [...args], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr || error?.message}`);
}

function until(what: string, holds: () => boolean): void {
  for (let i = 0; i < 150; i++) {
    if (holds()) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  throw new Error(`${what} did not come up within 30 s`);
}

/** @file A real Slurm of a few virtual nodes on this machine: no systemd, nothing outside its folder, root or not. */

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { registerCluster, startAccounting } from "./accounting.ts";
import { configurationText } from "./configuration.ts";

/** A running cluster; `call` runs one of Slurm's programs on it. */
export type Cluster = {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly call: (program: string, ...args: readonly string[]) => string;
  /** The daemon of a node, the steps it started, and every process of their jobs: gone at once, as with the power. */
  readonly killNode: (name: string) => void;
  /** The daemon alone: Slurm takes the node for lost, and its jobs go on. */
  readonly killDaemon: (name: string) => void;
  readonly startNode: (name: string) => void;
  /** The controller, without a chance to save what it knows; and a new one. */
  readonly killController: () => void;
  readonly startController: () => void;
  readonly stop: () => void;
};

const programs = ["slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel"];

const accountPrograms = ["slurmdbd", "mariadbd", "mariadb-install-db"];

/** Installs Slurm where that is possible, with what keeps accounts if wanted; says why not otherwise. */
export function installSlurm(accounting: boolean): string | null {
  const wanted = [...programs, ...(accounting ? accountPrograms : [])];
  const missing = (): readonly string[] => wanted.filter((name) => !isInstalled(name));
  if (missing().length === 0) return null;
  if (process.getuid?.() !== 0 || !isInstalled("apt-get")) {
    return `${missing().join(", ")} are not installed, and only root can install them (apt-get install slurm-wlm munge)`;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const more = accounting ? ["slurmdbd", "mariadb-server"] : [];
  const packages = ["install", "-y", "--no-install-recommends", "slurm-wlm", "munge", ...more];
  for (const args of [["update"], packages]) {
    spawnSync("apt-get", ["-qq", ...args], { env, stdio: "inherit" });
  }
  return missing().length === 0 ? null : `apt-get did not install ${missing().join(", ")}`;
}

function isInstalled(name: string): boolean {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(join(folder, name)));
}

type Options = {
  readonly nodes: number;
  readonly port?: number;
  readonly maxArraySize?: number;
  /** With accounts; then the controller forgets jobs soon, so that only they know. */
  readonly accounting?: boolean;
};

/** Starts munged, slurmctld and one slurmd per node; returns when all nodes are idle. */
export function startCluster(
  folder: string,
  {
    nodes,
    port = 20_000 + (process.pid % 20_000),
    maxArraySize = 1001,
    accounting = false,
  }: Options,
): Cluster {
  for (const part of ["state", "log", "pid", "munge"]) {
    mkdirSync(join(folder, part), { recursive: true, mode: 0o755 });
  }
  chmodSync(folder, 0o755); // munge refuses a socket in a private folder
  const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
  const configuration = join(folder, "slurm.conf");
  const environment = {
    ...(process.env as Record<string, string>),
    PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
    SLURM_CONF: configuration,
  };
  const run = (program: string, args: readonly string[], must = true): string => {
    const { status, stdout, stderr, error } = spawnSync(program, [...args], {
      env: environment,
      encoding: "utf8",
      timeout: 60_000,
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (must && status !== 0) {
      throw new Error(`${program} ${args.join(" ")}: ${stderr || error?.message || status}`);
    }
    return stdout ?? "";
  };
  const startNode = (name: string): void => {
    mkdirSync(join(folder, `spool-${name}`), { recursive: true });
    run("slurmd", ["-N", name]);
  };
  const authentication = startMunge(folder, run);
  const accounts = accounting
    ? startAccounting({ folder, port: port + 100, environment })
    : { lines: ["AccountingStorageType=accounting_storage/none"], stop: () => {} };
  const extra = [...authentication, ...accounts.lines, ...(accounting ? ["MinJobAge=2"] : [])];
  const text = configurationText(folder, { names, port, maxArraySize, extra });
  writeFileSync(configuration, text);
  if (accounting) registerCluster("probegrid", environment);
  run("slurmctld", []);
  names.forEach(startNode);
  const cluster: Cluster = {
    folder,
    environment,
    call: (program, ...args) => run(program, args),
    killNode: (name) => {
      for (const pid of processesOfNode(folder, name)) kill(pid, "SIGKILL");
    },
    killDaemon: (name) => kill(pidIn(join(folder, "pid", `slurmd-${name}`)), "SIGKILL"),
    startNode,
    killController: () => kill(pidIn(join(folder, "pid", "slurmctld")), "SIGKILL"),
    startController: () => {
      run("slurmctld", []);
    },
    stop: () => {
      run("scancel", ["--me", "--quiet"], false);
      const files = readdirSync(join(folder, "pid")).map((name) => join(folder, "pid", name));
      const pids = files.map(pidIn).filter((pid) => pid > 0);
      sleep(1000); // the steps end with their jobs
      for (const pid of pids) kill(pid, "SIGTERM");
      for (let i = 0; i < 100 && pids.some(isAlive); i++) sleep(100);
      for (const pid of pids.filter(isAlive)) kill(pid, "SIGKILL");
      accounts.stop();
    },
  };
  const idle = (): number =>
    run("scontrol", ["--oneliner", "show", "node"], false)
      .split("\n")
      .filter((line) => /State=IDLE .*BootTime=\d/.test(line)).length;
  for (let i = 0; i < 300; i++) {
    if (idle() === nodes) return cluster;
    sleep(100);
  }
  cluster.stop();
  throw new Error(`slurm did not come up: see ${join(folder, "log")}`);
}

/** A key and a socket of our own, beside any munge of the machine; Slurm can also do without. */
function startMunge(
  folder: string,
  run: (program: string, args: readonly string[]) => string,
): readonly string[] {
  // A job that is put back starts again after this many seconds, not after two minutes.
  if (!isInstalled("munged")) {
    return ["AuthType=auth/none", "CredType=cred/none", "AuthInfo=cred_expire=5"];
  }
  const munge = (name: string): string => join(folder, "munge", name);
  writeFileSync(munge("key"), randomBytes(128), { mode: 0o600 });
  run("munged", [
    `--key-file=${munge("key")}`,
    `--socket=${munge("socket")}`,
    `--pid-file=${join(folder, "pid", "munged")}`,
    `--log-file=${munge("log")}`,
    `--seed-file=${munge("seed")}`,
  ]);
  return [
    "AuthType=auth/munge",
    "CredType=cred/munge",
    `AuthInfo=socket=${munge("socket")},cred_expire=5`,
  ];
}

/** The daemon, its step daemons and all that descends from them, by Linux' process table. */
function processesOfNode(folder: string, name: string): readonly number[] {
  const table = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  const found = new Set([pidIn(join(folder, "pid", `slurmd-${name}`))]);
  const facts = table.map((entry) => factsOf(Number(entry)));
  for (const { pid, spool } of facts) if (spool === join(folder, `spool-${name}`)) found.add(pid);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const { pid, parent } of facts) if (found.has(parent)) found.add(pid);
  }
  return [...found].filter((pid) => pid > 1);
}

/** A job knows its node by SLURMD_NODENAME, and this cluster by SLURM_CONF's folder. */
function factsOf(pid: number) {
  const read = (what: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${what}`, "utf8");
    } catch {
      return "";
    }
  };
  const environment = read("environ").split("\0");
  const value = (key: string): string =>
    environment.find((entry) => entry.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
  const parent = Number(/\) \S (\d+)/.exec(read("stat"))?.[1] ?? 0);
  const node = value("SLURMD_NODENAME");
  const configuration = value("SLURM_CONF");
  const spool = node === "" ? "" : configuration.replace(/slurm\.conf$/, `spool-${node}`);
  return { pid, parent, spool };
}

function pidIn(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, "utf8").trim()) : 0;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it is gone already
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

export function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

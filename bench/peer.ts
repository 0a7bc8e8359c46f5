/** @file Peers in Python, kept running beside us, so that both are timed in turn in the same minutes. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A Python process that runs one piece of work each time it is asked. */
export type Peer = {
  /** Seconds the work took, as the peer itself measured, and whatever else it reports. */
  readonly run: () => Promise<
    { readonly seconds: number; readonly cpu: number } & Record<string, unknown>
  >;
  readonly close: () => void;
};

/** The interpreter of the peers' own environment (bench/README.md says how to make it). */
export function peerPython(): string | null {
  const own = new URL("./.venv/bin/python", import.meta.url).pathname;
  const named = process.env.PROBEGRID_BENCH_PYTHON;
  if (named !== undefined) return named;
  return existsSync(own) ? own : null;
}

/** Starts bench/peers/<script>; it loads everything first, then waits for lines on its input. */
export async function startPeer(
  script: string,
  args: readonly string[] = [],
  threads = 2,
): Promise<Peer> {
  const python = peerPython();
  if (python === null) throw new Error("bench: no peers installed, see bench/README.md");
  const file = join(new URL("./peers/", import.meta.url).pathname, script);
  const child: ChildProcess = spawn(python, [file, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...{ ...process.env, TRANSFORMERS_VERBOSITY: "error", TQDM_DISABLE: "1" },
      ...{ OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
    },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`bench: ${script} ended early`);
    return JSON.parse(value);
  };
  await next(); // "ready"
  return {
    run: async () => {
      child.stdin!.write("run\n");
      return await next();
    },
    close: () => child.stdin!.end(),
  };
}

/** Middle, least and greatest of some numbers. */
export function spread(values: readonly number[]): { median: number; low: number; high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, low: sorted[0]!, high: sorted[sorted.length - 1]! };
}

/** Middle, least and greatest of a ratio, and the medians it comes from. */
export type Comparison = ReturnType<typeof spread> & {
  /** Median seconds. */
  readonly ours: number;
  readonly theirs: number;
};

type Contest = {
  /** Seconds our work took. */
  readonly ours: () => Promise<number>;
  readonly peer: Peer;
  readonly rounds?: number;
  /** Whether each does its work once before it is timed; not worth it where once takes minutes. */
  readonly warmUp?: boolean;
};

/**
 * Runs ours and the peer's in turn, once each to warm up, then `rounds` times; prints both medians
 * and the ratio peer / ours pair by pair, so that a machine that drifts does not decide.
 */
export async function compare(
  name: string,
  { ours, peer, rounds = 5, warmUp = true }: Contest,
): Promise<Comparison> {
  if (warmUp) {
    await ours();
    await peer.run();
  }
  const mine: number[] = [];
  const theirs: number[] = [];
  const cpu: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const before = process.cpuUsage();
    mine.push(await ours());
    const { user, system } = process.cpuUsage(before);
    const found = await peer.run();
    theirs.push(found.seconds);
    cpu.push(found.cpu / ((user + system) / 1e6));
  }
  const ratio = spread(theirs.map((seconds, i) => seconds / mine[i]!));
  const show = (seconds: readonly number[]) => formatSeconds(spread(seconds).median);
  console.log(
    `${name}: ours ${show(mine)}, peer ${show(theirs)}, ` +
      `${ratio.median.toFixed(2)}x faster (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}), ` +
      `${spread(cpu).median.toFixed(2)}x less processor time of this process`,
  );
  return { ...ratio, ours: spread(mine).median, theirs: spread(theirs).median };
}

/** "215 ms" or "3.2 s". */
export const formatSeconds = (seconds: number) =>
  seconds < 1 ? `${(seconds * 1000).toFixed(0)} ms` : `${seconds.toFixed(1)} s`;

/** One line of the table in the README. */
export type Row = {
  readonly work: string;
  readonly against: string;
  readonly atLeast: string;
  readonly measured: string;
};

/** "12.3x (11.8 to 12.9)" */
export const ratioText = ({ median, low, high }: ReturnType<typeof spread>) =>
  `${median.toPrecision(3)}x (${low.toPrecision(3)} to ${high.toPrecision(3)})`;

/** Prints lines of that table. */
export function printRows(rows: readonly Row[]): void {
  console.log("| work | against | at least | measured |\n|---|---|---|---|");
  for (const { work, against, atLeast, measured } of rows) {
    console.log(`| ${work} | ${against} | ${atLeast} | ${measured} |`);
  }
}

/** Seconds that a piece of work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

import { expect, test } from "vitest";
import { failureKind, LostWorker } from "./lost-worker.ts";
import { computeAgain, createBatchSizes, probeAgain } from "./try-again.ts";

const died = new LostWorker("died", "worker was ended by SIGSEGV");
const killed = new LostWorker("killed", "worker was ended by SIGKILL");
const trials = [{ id: "a" }, { id: "b" }, { id: "c" }];

test.each([
  ["memory", "std::bad_alloc"],
  ["memory", "CUDA error: out of memory"],
  ["memory", "Failed to allocate memory for requested buffer of size 9663676416"],
  ["final", "model bert: feature layer.3: expected finite values, got NaN"],
  ["final", "ENOSPC: no space left on device, write"],
])("knows by %s what can be done about: %s", (kind, message) => {
  expect(failureKind(new Error(message))).toBe(kind);
});

test("tries each trial of a lost batch alone, once, and fails only the one at fault", async () => {
  const calls: string[] = [];
  const results = await probeAgain(async (some) => {
    calls.push(some.map(({ id }) => id).join(""));
    if (some.some(({ id }) => id === "b")) throw died;
    return some.map(({ id }) => ({ id, error: "done" }));
  }, trials);
  expect(calls).toEqual(["abc", "a", "b", "c"]);
  expect(results.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  const [, failed] = results as readonly { error: Error }[];
  expect(failed?.error.message).toBe(
    "worker was ended by SIGSEGV (tried again alone, with the same end)",
  );
});

test("never tries bad numbers again, and lets a full disk end the run", async () => {
  let calls = 0;
  const nan = new Error("expected a finite number, got NaN");
  const results = await probeAgain(
    async () => {
      calls++;
      throw nan;
    },
    trials.slice(0, 1),
  );
  expect([calls, results]).toEqual([1, [{ id: "a", error: nan }]]);
  const full = new Error("ENOSPC: no space left on device");
  await expect(probeAgain(() => Promise.reject(full), trials)).rejects.toBe(full);
});

/** Runs an encoding that fails in the given way until it is called with `fits` tokens, or `after` calls. */
async function encodeUntil(error: Error, { fits = 0, after = 99 }) {
  const sizes = createBatchSizes(2048);
  const tried: number[] = [];
  const encode = async (tokens: number): Promise<number> => {
    tried.push(tokens);
    if (tokens > fits && tried.length <= after) throw error;
    return tokens;
  };
  const ended = await computeAgain({ model: "m", sizes, compute: encode }).catch(
    (thrown: Error) => thrown,
  );
  return { tried, ended, kept: sizes.of("m") };
}

test("halves the batch while memory is short, and remembers what fits", async () => {
  const short = new Error("out of memory");
  expect(await encodeUntil(short, { fits: 512 })).toEqual({
    ...{ tried: [2048, 1024, 512], ended: 512, kept: 512 },
  });
  const { tried, ended } = await encodeUntil(short, {});
  expect(tried).toEqual([2048, 1024, 512, 256, 128, 64, 32, 16]);
  expect(ended).toBeInstanceOf(Error);
});

test("replaces a lost worker once with the same batches, so that the bits stay the same", async () => {
  expect(await encodeUntil(died, { after: 1 })).toEqual({
    ...{ tried: [2048, 2048], ended: 2048, kept: 2048 },
  });
  expect((await encodeUntil(died, {})).tried).toEqual([2048, 2048]);
});

test("takes a second kill for a lack of memory", async () => {
  expect((await encodeUntil(killed, { fits: 1024 })).tried).toEqual([2048, 2048, 1024]);
});

test("halves once for all chunks that failed together", async () => {
  const sizes = createBatchSizes(2048);
  const encode = async (tokens: number): Promise<number> => {
    await Promise.resolve();
    if (tokens > 1024) throw new Error("out of memory");
    return tokens;
  };
  const both = [1, 2].map(async () => await computeAgain({ model: "m", sizes, compute: encode }));
  expect(await Promise.all(both)).toEqual([1024, 1024]);
});

/** @file Nights with a disturbance at each of many random moments: every one must end like a quiet one. */

import { setTimeout as sleep } from "node:timers/promises";
import { expectKept, expectQuietEnd, type Folds, readFolds } from "./check.ts";
import { forget, makeNight, type Night } from "./night.ts";
import { quietNight } from "./quiet.ts";
import { createDraw } from "./random.ts";
import { runToEnd, startRun } from "./runner.ts";
import { type Strike, strikes } from "./strikes.ts";

export type KillReport = {
  /** Disturbances that hit a run at work, by name. */
  readonly survived: ReadonlyMap<string, number>;
  readonly nights: number;
  /** Folds of a night, each compared bit for bit. */
  readonly folds: number;
};

type Options = {
  readonly seed: number;
  readonly tell: (line: string) => void;
  /** Where in the list of disturbances it begins. */
  readonly first?: number;
  /** Replace some of the grid's fields. */
  readonly fields?: object;
};

/** Disturbs runs at so many points; throws at the first that costs anything. */
export async function surviveKills(
  points: number,
  { seed, tell, first = 0, fields = {} }: Options,
): Promise<KillReport> {
  const draw = createDraw(seed);
  const night = makeNight(fields);
  const { folds: quiet, length } = await quietNight(fields);
  const survived = new Map<string, number>();
  let nights = 0;
  for (let point = 0; point < points; ) {
    forget(night);
    let over = false;
    while (point < points && !over) {
      const strike = strikes[(first + point) % strikes.length];
      if (!strike) throw new Error("internal: no strike");
      const hit = await disturb(night, { strike, after: draw() * length, quiet });
      if (hit === null) {
        over = true; // the run ended first
        break;
      }
      over = hit.finished;
      point++;
      survived.set(strike.name, (survived.get(strike.name) ?? 0) + 1);
      const { before, kept } = hit;
      tell(
        `${point} of ${points}: ${strike.name} at ${before} folds, ${kept} kept of ${quiet.size}`,
      );
    }
    if (!over) await runToEnd(night);
    expectQuietEnd(night, quiet);
    nights++;
  }
  return { survived, nights, folds: quiet.size };
}

type Disturbance = {
  readonly strike: Strike;
  /** Milliseconds after the start. */
  readonly after: number;
  readonly quiet: Folds;
};

type Hit = {
  /** Folds at the strike, and after it. */
  readonly before: number;
  readonly kept: number;
  /** The run came to its end all the same. */
  readonly finished: boolean;
};

/** Runs until the strike; checks that what was there at the strike is there afterwards. Null when the run was faster. */
async function disturb(night: Night, { strike, after, quiet }: Disturbance): Promise<Hit | null> {
  const run = startRun(night);
  await Promise.race([sleep(after), run.ended]);
  const atStrike = readFolds(night.store);
  const hit = run.child.exitCode === null && (await strike.strike(run, night));
  const ending = await run.ended;
  strike.expect(ending);
  const kept = readFolds(night.store);
  expectKept(atStrike, kept);
  expectKept(kept, quiet);
  const finished = ending.code === 0;
  return hit ? { before: atStrike.size, kept: kept.size, finished } : null;
}

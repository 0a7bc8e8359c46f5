/** @file Stops work of this thread that may never end: a regular expression that a file brought along can not be interrupted otherwise. */

import { createContext, Script } from "node:vm";

const box: { work?: () => unknown } = {};
const script = new Script("work()");
const context = createContext(box);

/**
 * What `work` returns, or what `onLate` throws when it has taken `seconds` of processor time; time in which the machine was
 * asleep or busy with others does not count. Costs a tenth of a millisecond. `work` must not call it again.
 */
export function boundedTime<T>(seconds: number, work: () => T, onLate: () => never): T {
  box.work = work;
  try {
    for (let timeout = Math.ceil(1000 * seconds); ; timeout *= 2) {
      const before = process.cpuUsage();
      try {
        return script.runInContext(context, { timeout }) as T;
      } catch (error) {
        if ((error as NodeJS.ErrnoException | null)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT")
          throw error;
        const { user, system } = process.cpuUsage(before);
        if (user + system >= 0.5e6 * seconds) onLate();
      }
    }
  } finally {
    delete box.work;
  }
}

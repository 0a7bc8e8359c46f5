/** @file The session settings of a device; tfjs is loaded only where it is asked for. */

import type { Device } from "@probegrid/probes";
import type { CompileOptions } from "@probegrid/probes/graph";

let deviceIndex = 0;

/** Which of several devices of one kind this process uses from now on; the first where it is not called. */
export function useDeviceIndex(index: number): void {
  deviceIndex = index;
}

/** Settings for sessions on a device, with so many threads where they are given. */
export function sessionOn(device: Device, threads?: number): CompileOptions {
  if (device !== "tfjs") return { device, deviceIndex, ...(threads !== undefined && { threads }) };
  return {
    device,
    runtime: async (outputs) => {
      const { tfjsRuntime } = await import("./tfjs/runtime.ts");
      return await tfjsRuntime()(outputs);
    },
  };
}

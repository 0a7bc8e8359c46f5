/** @file How many tokens a batch begins with on each kind of device. */

import type { Device } from "@probegrid/probes";

/** Padding included: enough to keep the cores busy, few enough for their caches. */
export const batchTokens: Readonly<Record<Device, number>> = {
  cpu: 2048,
  webgpu: 16_384,
  cuda: 16_384,
  tfjs: 2048,
};

/** @file Starts a training where its session says. */

import { CpuTrainer } from "./train-on-cpu.ts";
import { DeviceTrainer } from "./train-on-device.ts";
import type { Trainer, TrainerSpec } from "./trainer.ts";

/**
 * A training that stands before its first step. Throws where the loss does not depend on a parameter,
 * and what compiling throws.
 */
export async function createTrainer(spec: TrainerSpec): Promise<Trainer> {
  const { device = "cpu" } = spec.session ?? {};
  const onGpu = device === "webgpu" || device === "cuda";
  return await (onGpu ? DeviceTrainer : CpuTrainer).create(spec);
}

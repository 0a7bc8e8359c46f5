/** @file Chooses where models run: the fastest device that really works here. */

import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { availableDevices, type Device } from "@probegrid/probes";
import { add, compile, constant, input } from "@probegrid/probes/graph";
import { ExperimentError, messageOf } from "./errors.ts";

export const deviceChoices = ["auto", "cpu", "webgpu", "cuda"] as const;
export type DeviceChoice = (typeof deviceChoices)[number];

/** The device for a choice; `auto` is the first of cuda, webgpu and cpu that can run a graph. */
export async function resolveDevice(choice: DeviceChoice): Promise<Device> {
  if (choice === "cpu") return "cpu";
  if (choice !== "auto") {
    const problem = await problemOf(choice);
    if (problem === null) return choice;
    throw new ExperimentError(
      `--device ${choice}: it does not work on this machine (${problem}), expected one of auto, cpu`,
    );
  }
  for (const device of ["cuda", "webgpu"] as const) {
    if (mayWork[device]() && (await problemOf(device)) === null) return device;
  }
  return "cpu";
}

/** Signs that trying is worth while: where they lack, ONNX Runtime writes its failure to the terminal. */
const mayWork: Readonly<Record<"cuda" | "webgpu", () => boolean>> = {
  cuda: () => {
    const require = createRequire(new URL("../../probes/package.json", import.meta.url));
    const root = join(dirname(require.resolve("onnxruntime-node")), "..");
    const folder = join(root, "bin", "napi-v6", process.platform, process.arch);
    return existsSync(folder) && readdirSync(folder).some((name) => /providers_cuda/.test(name));
  },
  webgpu: () => process.platform !== "linux" || ["/dev/dri", "/dev/nvidia0"].some(existsSync),
};

/** Why a device can not be used here, null where it can; does not try what shows no sign of being there. */
export async function deviceProblem(device: "cuda" | "webgpu"): Promise<string | null> {
  return mayWork[device]() ? await problemOf(device) : "no such device or provider";
}

/** Why a device can not run even the smallest graph, null where it can. */
async function problemOf(device: Device): Promise<string | null> {
  if (!availableDevices().includes(device))
    return "this build of ONNX Runtime has no such provider";
  try {
    const session = await compile({ y: add(input("x", [1]), constant(1)) }, { device });
    try {
      const { y } = await session.run({ x: { data: new Float32Array([1]), shape: [1] } });
      return y?.data[0] === 2 ? null : `1 + 1 gave ${y?.data[0]}`;
    } finally {
      await session.close();
    }
  } catch (error) {
    return messageOf(error).split("\n")[0] ?? "unknown";
  }
}

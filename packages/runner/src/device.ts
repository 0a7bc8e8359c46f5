/** @file Chooses where models run: the fastest device that computes here what the CPU computes. */

import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { availableDevices, createRandom, type Device } from "@probegrid/probes";
import {
  constant,
  evaluate,
  gelu,
  input,
  layerNormalization,
  matMul,
  softmax,
  type Tensor,
} from "@probegrid/probes/graph";
import type { DeviceChoice } from "./device-choices.ts";
import { ExperimentError, messageOf } from "./errors.ts";
import { sessionOn } from "./session-on.ts";
import { formatPlace, type Place } from "./supervisor/place.ts";

/**
 * The device for a choice; `auto` is the first of cuda, webgpu and cpu that passes the sanity check. `tell` hears which
 * one it is and why, where that was to be found out.
 */
export async function resolveDevice(
  choice: DeviceChoice,
  tell: (line: string) => void = () => {},
): Promise<Device> {
  if (choice === "cpu") return "cpu";
  if (choice !== "auto") {
    const problem = await problemOf(choice);
    if (problem === null) {
      tell(`device: ${choice}, which agrees with the CPU`);
      return choice;
    }
    throw new ExperimentError(
      `--device ${choice}: it does not work on this machine (${problem}), expected one of auto, cpu`,
    );
  }
  const reasons: string[] = [];
  for (const device of ["cuda", "webgpu"] as const) {
    const problem = await deviceProblem(device);
    if (problem === null) {
      tell(deviceLine(device, [...reasons, `${device} agrees with the CPU`]));
      return device;
    }
    reasons.push(`${device}: ${problem}`);
  }
  tell(deviceLine("cpu", reasons));
  return "cpu";
}

/** Compares each place with the CPU; throws at the first that can not be used, naming why. */
export async function checkPlaces(
  places: readonly Place[],
  tell: (line: string) => void = () => {},
): Promise<void> {
  for (const place of places) {
    const problem = place.device === "cpu" ? null : await problemOf(place.device, place.index);
    if (problem !== null) {
      throw new ExperimentError(
        `--devices ${formatPlace(place)}: it does not work on this machine (${problem})`,
      );
    }
  }
  const agree = places[0]?.device === "cpu" ? "" : ", which agree with the CPU";
  tell(
    `devices: ${places.map(formatPlace).join(", ")}${agree}; one worker each, probes on the CPU`,
  );
}

function deviceLine(device: Device, reasons: readonly string[]): string {
  return `device: ${device} (${reasons.join("; ")})`;
}

/** Why trying is not worth while: where these signs lack, ONNX Runtime writes its failure to the terminal. */
const missing: Readonly<Record<"cuda" | "webgpu", () => string | null>> = {
  cuda: () => {
    const require = createRequire(new URL("../../probes/package.json", import.meta.url));
    const root = join(dirname(require.resolve("onnxruntime-node")), "..");
    const folder = join(root, "bin", "napi-v6", process.platform, process.arch);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const found = names.some((name) => /providers_cuda/.test(name));
    return found ? null : "its provider is not installed, see docs/gpu.md";
  },
  webgpu: () =>
    process.platform !== "linux" || ["/dev/dri", "/dev/nvidia0"].some(existsSync)
      ? null
      : "no hardware adapter",
};

/**
 * Why a device can not be used here, null where it can; does not try what shows no sign of being there, unless `look`
 * is false.
 */
export async function deviceProblem(
  device: "cuda" | "webgpu",
  { look = true }: { readonly look?: boolean } = {},
): Promise<string | null> {
  return (look ? missing[device]() : null) ?? (await problemOf(device));
}

const tolerance = 1e-3; // half-precision products on a GPU would be off by more

/** Why a device does not do: it can not run a small graph, or not as the CPU does; null where it can. */
async function problemOf(device: Device, index = 0): Promise<string | null> {
  if (device !== "tfjs" && !availableDevices().includes(device)) {
    return "this build of ONNX Runtime has no such provider";
  }
  try {
    const [found, expected] = [await sanityGraph(device, index), await sanityGraph("cpu")];
    let difference = 0;
    for (const [i, value] of expected.entries()) {
      const distance = Math.abs(value - (found[i] ?? Number.NaN));
      if (!(distance <= difference)) difference = distance; // also where it is not a number
    }
    return difference <= tolerance
      ? null
      : `a small graph differs from the CPU by ${difference.toPrecision(2)}`;
  } catch (error) {
    return messageOf(error).split("\n")[0] ?? "unknown";
  }
}

const [rows, width] = [8, 64];

/** What a layer is made of, on fixed numbers: products, a softmax, a norm and an activation. */
async function sanityGraph(device: Device, deviceIndex = 0): Promise<Float32Array> {
  const random = createRandom("device");
  const normal = (count: number): Float32Array =>
    Float32Array.from({ length: count }, random.normal);
  const x = input("x", [rows, width]);
  const weights = constant(normal(width * width), [width, width]);
  const attention = softmax(matMul(x, x, { transposeB: true, scale: 1 / Math.sqrt(width) }));
  const mixed = matMul(matMul(attention, x), weights); // [rows, width]
  const scale = constant(new Float32Array(width).fill(1), [width]);
  const bias = constant(new Float32Array(width), [width]);
  const y = gelu(layerNormalization(mixed, { scale, bias, epsilon: 1e-5 })); // [rows, width]
  const feeds = { x: { data: normal(rows * width), shape: [rows, width] } };
  const found = await evaluate({ y }, feeds, { ...sessionOn(device), deviceIndex });
  return (found.y as Tensor).data as Float32Array;
}

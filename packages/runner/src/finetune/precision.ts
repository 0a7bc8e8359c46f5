/** @file Whether a device can train in the precision that is asked for. */

import type { Device, Precision } from "@probegrid/probes";
import { evaluate, halfProducts, input, matMul } from "@probegrid/probes/graph";
import { ExperimentError, messageOf } from "../errors.ts";
import { sessionOn } from "../session-on.ts";

/** Throws where the device has no float16 and `precision` asks for it; says why and what to do. */
export async function requirePrecision(precision: Precision, device: Device): Promise<void> {
  if (precision === "float32") return;
  const problem = await halfProblem(device);
  if (problem === null) return;
  throw new ExperimentError(
    `precision "float16": ${problem}; expected precision "float32", or a device that has float16`,
  );
}

/** Why products in float16 can not be computed; null where they can. */
async function halfProblem(device: Device): Promise<string | null> {
  if (device === "cpu" || device === "tfjs") {
    return `device ${device} computes in float32, and would only convert`;
  }
  const x = input("x", [2, 2]);
  const feeds = { x: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] } };
  try {
    const { y } = await evaluate(halfProducts({ y: matMul(x, x) }), feeds, sessionOn(device));
    const found = Array.from(y!.data as Float32Array).join(" ");
    return found === "7 10 15 22" ? null : `device ${device} answers wrongly (${found})`;
  } catch (error) {
    const why = messageOf(error).split("\n")[0] ?? "unknown";
    return `device ${device} has none here (${why})`;
  }
}

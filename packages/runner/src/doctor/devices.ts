/** @file Runs a small graph with known sums on every device and compares it with the CPU. */

import type { Device } from "@probegrid/probes";
import {
  compile,
  constant,
  gelu,
  input,
  layerNormalization,
  matMul,
  softmax,
} from "@probegrid/probes/graph";
import { deviceProblem } from "../device.ts";
import { messageOf } from "../errors.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

const size = 64;
const tolerance = 1e-4; // float32 in another order of summation; half precision would be 10 times off

/** One finding per device that this build knows. */
export async function examineDevices(): Promise<readonly Finding[]> {
  const onCpu = await compute("cpu");
  const findings: Finding[] = [examineCpu(onCpu)];
  for (const device of ["webgpu", "cuda"] as const) {
    const subject = `device ${device}`;
    const missing = await deviceProblem(device);
    if (missing !== null) findings.push(note(subject, `not usable here: ${missing}`));
    else findings.push(await compare(device, onCpu));
  }
  return findings;
}

/** Row sums of a softmax are 1, whatever came before. */
function examineCpu(values: Float32Array): Finding {
  let worst = 0;
  for (let row = 0; row < size; row++) {
    const sum = values.subarray(row * size, (row + 1) * size).reduce((a, b) => a + b, 0);
    worst = Math.max(worst, Math.abs(sum - 1));
  }
  if (worst < tolerance) return ok("device cpu", "a small graph gives what it should");
  const advice = "its numbers can not be trusted: reinstall onnxruntime-node and look again";
  return problem("device cpu", `rows of a softmax sum to 1 +- ${worst}`, advice);
}

async function compare(device: Device, expected: Float32Array): Promise<Finding> {
  const subject = `device ${device}`;
  const advice = `run with --device cpu, and update the driver of the ${device} device`;
  try {
    const found = await compute(device);
    const worst = found.reduce((most, value, i) => {
      const difference = Math.abs(value - (expected[i] ?? Number.NaN));
      return difference <= most ? most : difference; // keeps NaN
    }, 0);
    return worst < tolerance
      ? ok(subject, `agrees with the CPU to ${worst.toExponential(1)} on a small graph`)
      : problem(subject, `differs from the CPU by ${worst.toExponential(1)}`, advice);
  } catch (error) {
    return problem(subject, messageOf(error).split("\n")[0] ?? "failed", advice);
  }
}

/** softmax(layer norm(gelu(x w))): a product, a reduction and an activation. */
async function compute(device: Device): Promise<Float32Array> {
  const wave = (frequency: number): Float32Array =>
    Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * frequency));
  const ones = constant(new Float32Array(size).fill(1), [size]);
  const zeros = constant(new Float32Array(size), [size]);
  const product = matMul(input("x", [size, size]), constant(wave(0.7), [size, size]));
  const y = softmax(layerNormalization(gelu(product), { scale: ones, bias: zeros, epsilon: 1e-5 }));
  const session = await compile({ y }, { device });
  try {
    const { y: found } = await session.run({ x: { data: wave(0.3), shape: [size, size] } });
    return Float32Array.from(found?.data as Float32Array);
  } finally {
    await session.close();
  }
}

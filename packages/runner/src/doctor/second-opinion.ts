/** @file Asks a second library: every op, and one training step of every architecture, by ONNX Runtime and by tfjs. */

import { messageOf } from "../errors.ts";
import { type Finding, ok, problem } from "./finding.ts";

const advice = "its numbers can not be trusted: npm ci in the project's folder, and look again";

/** One finding on the ops and one on the models; the worst of each is named. */
export async function examineSecondOpinion(): Promise<readonly Finding[]> {
  const subject = "second opinion";
  try {
    const { openBackend } = await import("../tfjs/backend.ts");
    const { tfjsRuntime } = await import("../tfjs/runtime.ts");
    const compare = await import("../tfjs/compare.ts");
    const backend = await openBackend();
    const runtime = tfjsRuntime(backend);
    const look = (
      what: string,
      found: readonly { readonly what: string; readonly difference: number }[],
      tolerance: number,
    ): Finding => {
      const worst = found.reduce((a, b) => (b.difference <= a.difference ? a : b));
      const apart = `${worst.what}: ${worst.difference.toExponential(1)}`;
      return worst.difference <= tolerance
        ? ok(subject, `${found.length} ${what} by tfjs (${backend}) agree; farthest ${apart}`)
        : problem(subject, `${what} by tfjs (${backend}) differ, ${apart}`, advice);
    };
    return [
      look("ops", await compare.compareOps(runtime), compare.opTolerance),
      look("training steps", await compare.compareModels(runtime), compare.stepTolerance),
    ];
  } catch (error) {
    return [problem(subject, messageOf(error).split("\n")[0] ?? "failed", advice)];
  }
}

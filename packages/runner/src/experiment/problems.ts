/** @file From zod's issues to one error that says where, what was expected and what was there. */

import type { z } from "zod";
import { ExperimentError } from "../errors.ts";

type Issue = z.core.$ZodIssue;

/** The most specific problem of a value that does not fit its schema. */
export function problemOf(error: z.ZodError, prefix: readonly PropertyKey[] = []): ExperimentError {
  const issue = mostSpecific(error.issues);
  return new ExperimentError(issue.message, { path: pathText([...prefix, ...issue.path]) });
}

/** `poolers[0].token`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) =>
      typeof step === "number" ? `[${step}]` : `${i > 0 ? "." : ""}${String(step)}`,
    )
    .join("");
}

/** The first issue; of a union, the branch that the value was meant for: the one that failed deepest. */
function mostSpecific(issues: readonly Issue[]): Issue {
  const issue = issues[0];
  if (issue === undefined) throw new Error("internal: an error without issues");
  if (issue.code !== "invalid_union") return issue;
  const branches = issue.errors.filter((branch) => branch.length > 0).map(mostSpecific);
  const best = branches.sort((a, b) => fit(b) - fit(a))[0];
  return best === undefined ? issue : { ...best, path: [...issue.path, ...best.path] };
}

/** How surely an issue comes from the branch that was meant. */
function fit(issue: Issue): number {
  if (issue.code === "invalid_type" && issue.path.length === 0) return 0;
  if (issue.code === "custom") return 0;
  if (issue.code === "unrecognized_keys") return 1;
  return 1 + issue.path.length + (issue.code === "invalid_value" ? 0.5 : 1);
}

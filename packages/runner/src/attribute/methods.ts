/** @file Reads the attribution methods that a person names, on the command line or in an experiment file. */

import { type MethodSpec, methodAliases, methodNames, methodSpec } from "@probegrid/probes";
import { z } from "zod";
import { ExperimentError, messageOf, unknownName } from "../errors.ts";

/** Names people use, longest lists last: every method and every alias. */
const known = [...methodNames, ...Object.keys(methodAliases)];

/** A method from its name, or from an object with a name and options. */
export function readMethod(given: unknown, path = ""): MethodSpec {
  const named = typeof given === "string" ? { name: given } : given;
  const parsed = z.looseObject({ name: z.string() }).safeParse(named);
  if (!parsed.success) {
    throw new ExperimentError("expected the name of a method, or an object with a name", { path });
  }
  const { name } = parsed.data;
  if (!known.includes(name)) {
    throw new ExperimentError(unknownName("method", name, known), { path });
  }
  try {
    return methodSpec(parsed.data);
  } catch (cause) {
    const why = cause instanceof z.ZodError ? problemsOf(cause) : messageOf(cause);
    throw new ExperimentError(`method ${name}: ${why}`, { path, cause });
  }
}

/** Methods of a comma-separated list; "all" is every one with its defaults. */
export function readMethods(text: string): readonly MethodSpec[] {
  const names = text === "all" ? [...methodNames] : text.split(",").map((name) => name.trim());
  return [...new Set(names)].map((name) => readMethod(name, "--method"));
}

const problemsOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");

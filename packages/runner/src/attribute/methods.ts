/** @file Reads the attribution methods that a person names, on the command line or in an experiment file. */

import {
  type MethodSpec,
  methodAliases,
  methodLabel,
  methodNames,
  methodSpec,
} from "@probegrid/probes";
import { z } from "zod";
import { canonicalJson } from "../canonical.ts";
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
    const why = cause instanceof z.ZodError ? problemsOf(cause, name) : messageOf(cause);
    throw new ExperimentError(`method ${name}: ${why}`, { path, cause });
  }
}

/**
 * Methods of a comma-separated list, each with options behind colons: "lrp,ig:baseline=zero:steps=100"; "all" is every
 * one with its defaults.
 */
export function readMethods(text: string): readonly MethodSpec[] {
  const written = text === "all" ? [...methodNames] : text.split(/,(?![^[{]*[\]}])/);
  return toldApart([...new Set(written.map((one) => one.trim()))].map(readWritten), "--method");
}

/** One method as the command line has it: a name, and options behind colons. */
export function readWritten(text: string): MethodSpec {
  const [name = "", ...options] = text.split(/:(?=\w+=)/);
  const given = options.map((option) => {
    const at = option.indexOf("=");
    return [option.slice(0, at), readValue(option.slice(at + 1))] as const;
  });
  return readMethod({ ...Object.fromEntries(given), name }, "--method");
}

/** Numbers, lists, objects and null as JSON has them; anything else is a word. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The same methods; those of one name are labelled with their options, and one that is there twice is refused. */
export function toldApart(methods: readonly MethodSpec[], path: string): readonly MethodSpec[] {
  const names = methods.map(methodLabel);
  const labels = methods.map((method, i) =>
    names.indexOf(names[i]!) === names.lastIndexOf(names[i]!)
      ? names[i]!
      : `${names[i]!} ${changedOptions(method)}`.trim(),
  );
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice !== undefined) throw new ExperimentError(`${twice} is given twice`, { path });
  return methods.map((method, i) =>
    labels[i] === names[i] ? method : ({ ...method, label: labels[i]! } as MethodSpec),
  );
}

/** Whether a label is of a method, with or without options behind its name. */
export const isNamed = (label: string, name: MethodSpec["name"]): boolean =>
  label === name || label.startsWith(`${name} `);

/** Options that are not the method's defaults, as tables show them: "baseline=zero steps=100". */
export function changedOptions({ name, label: _, ...options }: MethodSpec): string {
  const usual: Readonly<Record<string, unknown>> = methodSpec({ name });
  return Object.entries(options)
    .filter(([key, value]) => canonicalJson(value) !== canonicalJson(usual[key]))
    .map(([key, value]) => {
      const text = canonicalJson(value).replaceAll('"', "");
      return `${key}=${text.length > 24 ? `${text.slice(0, 23)}…` : text}`;
    })
    .join(" ");
}

function problemsOf({ issues }: z.ZodError, name: string): string {
  const known = Object.keys(methodSpec({ name })).filter((key) => key !== "name");
  const told = issues.map((issue) => {
    const { path, message } = issue;
    if (issue.code !== "unrecognized_keys") return `${path.join(".")}: ${message}`;
    if (known.length === 0) return "it has no options";
    return issue.keys.map((key) => unknownName("option", key, known)).join("; ");
  });
  return told.join("; ");
}

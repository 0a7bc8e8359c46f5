/** @file Every knob of a fine-tuning as an option of the command line. */

import type { Options } from "yargs";
import { ExperimentError, messageOf } from "../errors.ts";
import { type KnobName, knobName, knobs, optionName } from "../finetune/settings.ts";

/** `--layers-frozen` for layersFrozen; R0's snake_case names are understood too. */
export const knobOptions: Readonly<Record<string, Options>> = Object.fromEntries(
  (Object.keys(knobs) as KnobName[]).map((name): [string, Options] => {
    const { schema, help } = knobs[name];
    const usual = schema.parse(undefined);
    return [
      optionName(name).slice(2),
      {
        // read as text, so that the knob itself says what it expects
        type: typeof usual === "boolean" ? "boolean" : "string",
        describe: `${help}${usual === null || typeof usual === "boolean" ? "" : ` [${usual}]`}`,
        requiresArg: typeof usual !== "boolean",
        group: "Training:",
        ...(/[A-Z]/.test(name) && {
          alias: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        }),
      },
    ];
  }),
);

/** The knobs that were given, by our names, with numbers, true, false and null read from text. */
export function givenKnobs(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(knobs)) {
    const value = options[name];
    if (value === undefined) continue;
    if (Array.isArray(value)) throw new ExperimentError(`${optionName(name)}: given twice`);
    given[knobName(name)] = typeof value === "string" ? readText(value) : value;
  }
  return given;
}

/** Says which option a complaint about a knob means. */
export function withOptionNames<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ExperimentError)) throw cause;
    const name = /^([a-zA-Z]+)/.exec(messageOf(cause))?.[1] ?? "";
    const known = Object.hasOwn(knobs, name);
    throw known
      ? new ExperimentError(`${optionName(name)}${messageOf(cause).slice(name.length)}`, { cause })
      : cause;
  }
}

/** JSON where it is JSON (numbers, lists, objects, null), else the text itself. */
function readText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

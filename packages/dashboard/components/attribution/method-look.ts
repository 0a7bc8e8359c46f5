/** @file Colours of methods: the same one on every page, whatever is switched off. */

import { isRandom, type MethodTrial } from "@/lib/queries/attribution-groups";
import { lineColour, lineDash } from "../charts/line-look";

/** Colour and dash of a method, by its place in the group; random is grey and dashed. */
export function methodLook(
  all: readonly MethodTrial[],
  label: string,
): { readonly colour: string; readonly dash: string } {
  if (isRandom({ label })) return { colour: "var(--faint)", dash: "5 4" };
  const place = all.filter((one) => !isRandom(one)).findIndex((one) => one.label === label);
  return { colour: lineColour(Math.max(0, place)), dash: lineDash(Math.max(0, place)) };
}

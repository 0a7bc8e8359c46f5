/** @file Variants of a text: with and without the period at its end. */

export const textVariants = ["as-is", "final-period", "no-final-period"] as const;
export type TextVariant = (typeof textVariants)[number];

/** A sentence that ends in one of these is closed already; quotes and brackets may follow. */
const closed = /[.!?…。！？](?=["'”’»)\]]*\s*$)/u;

/** A period that ends a text, with what may stand behind it; as a part of an ellipsis it stays. */
const period = /(?<![.…]\s*)\s*\.(["'”’»)\]]*)\s*$/u;

/**
 * `final-period` adds a period to a text that ends in no sentence mark; `no-final-period` takes the one at the end away,
 * with the space before it. Marks of questions and exclamations, and an ellipsis, stay as they are.
 */
export function varyText(text: string, variant: TextVariant): string {
  switch (variant) {
    case "as-is":
      return text;
    case "final-period":
      return text.trim() === "" || closed.test(text) ? text : `${text.trimEnd()}.`;
    case "no-final-period":
      return text.replace(period, "$1");
  }
}

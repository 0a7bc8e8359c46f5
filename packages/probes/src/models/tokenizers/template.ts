/** @file Where special tokens stand around one text and around a pair: the post-processors of tokenizer.json. */

import { asComponent, asId, asList, asText, type Component, rowOf, show } from "./config.ts";

/** One place of a template: a special token, or all pieces of the first or second text. */
export type Slot =
  | { readonly kind: "special"; readonly id: number; readonly type: number }
  | { readonly kind: "text"; readonly second: boolean; readonly type: number };

/** The slots for one text and for a pair. */
export type Template = { readonly single: readonly Slot[]; readonly pair: readonly Slot[] };

const first: Slot = { kind: "text", second: false, type: 0 };
const second: Slot = { kind: "text", second: true, type: 1 };
const bare: Template = { single: [first], pair: [first, second] };

/** Of special tokens and texts; a text that stood twice would be longer than the model takes. */
const mostSlots = 256;

/** The template a post-processor component describes; null adds no special tokens. */
export function createTemplate(value: unknown): Template {
  if (value === null || value === undefined) return bare;
  const component = asComponent(value, "post_processor");
  const template = rowOf(templates, component, "post-processor")(component);
  for (const slots of [template.single, template.pair]) {
    const texts = slots.flatMap((slot) => (slot.kind === "text" ? slot.second : []));
    if (slots.length <= mostSlots && new Set(texts).size === texts.length) continue;
    throw new Error(
      `tokenizer: expected a template of at most ${mostSlots} places and each text once, ` +
        `got ${slots.length} places and ${texts.length} texts`,
    );
  }
  return template;
}

const templates: Readonly<Record<string, (component: Component) => Template>> = {
  BertProcessing: ({ cls, sep }) => {
    const begin = special(cls, "cls");
    const end = special(sep, "sep");
    return { single: [begin, first, end], pair: [begin, first, end, second, { ...end, type: 1 }] };
  },
  ByteLevel: () => bare, // only trims offsets
  RobertaProcessing: ({ cls, sep }) => {
    const begin = special(cls, "cls");
    const end = special(sep, "sep");
    const pair = [begin, first, end, end, { ...second, type: 0 }, end];
    return { single: [begin, first, end], pair };
  },
  Sequence: ({ processors }) => {
    const parts = asList(processors, "processors").map(createTemplate);
    return parts.findLast((part) => part !== bare) ?? bare;
  },
  TemplateProcessing: ({ single, pair, special_tokens: specials }) => {
    const ids = asComponent(specials ?? {}, "special_tokens");
    return {
      single: asList(single, "single").flatMap((slot) => readSlot(slot, ids)),
      pair: asList(pair, "pair").flatMap((slot) => readSlot(slot, ids)),
    };
  },
};

function special(value: unknown, where: string): Slot {
  const [, id] = asList(value, `${where} of post_processor`);
  return { kind: "special", id: asId(id, `${where} of post_processor`), type: 0 };
}

function readSlot(value: unknown, specials: Component): readonly Slot[] {
  const slot = asComponent(value, "a place of the template");
  if (slot.Sequence !== undefined) {
    const { id, type_id: type = 0 } = asComponent(slot.Sequence, "Sequence");
    if (id !== "A" && id !== "B") {
      throw new Error(`tokenizer: expected text A or B in the template, got ${show(id)}`);
    }
    return [{ kind: "text", second: id === "B", type: asId(type, "type_id") }];
  }
  const { id, type_id: type = 0 } = asComponent(slot.SpecialToken, "SpecialToken");
  const name = asText(id, "id of SpecialToken");
  if (!Object.hasOwn(specials, name)) {
    throw new Error(
      `tokenizer: special token ${show(name)} of the template is not in special_tokens`,
    );
  }
  const { ids } = asComponent(specials[name], `special_tokens[${show(name)}]`);
  return asList(ids, "ids").map((token) => ({
    kind: "special",
    id: asId(token, "ids"),
    type: asId(type, "type_id"),
  }));
}

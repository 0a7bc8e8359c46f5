/** @file The list of explained texts: searched, filtered, sorted, a page at a time. */

import { type AttributionView, pageSize } from "../attribution-view.ts";
import type { Store } from "../store.ts";
import { type Group, isRandom, type MethodTrial } from "./attribution-groups.ts";
import { remember } from "./attribution-memory.ts";
import { fetchRows, fetchTexts, plainOf } from "./attribution-texts.ts";

/** A text as the list shows it. */
export type ListedText = {
  readonly row: number;
  readonly text: string;
  readonly target: string;
  readonly predicted: string;
  readonly truth: string | null;
  /** Whether the prediction is right; null where the truth is not known. */
  readonly right: boolean | null;
  /** The explained number. */
  readonly logit: number | null;
  /** The largest |residual| of any method; null where none promises a sum. */
  readonly residual: number | null;
  readonly tokens: number;
  readonly marked: boolean;
  /** Why some method could not explain it. */
  readonly error: string | null;
};

/** Every text of a group with what the list sorts by. */
export function fetchList(store: Store, group: Group): readonly ListedText[] {
  const name = `list ${group.methods.map(({ id }) => id).join(" ")}`;
  const finished = group.methods.every(({ state }) => state === "done");
  return remember(store, { name, finished, holds: "rows" }, () => {
    const methods = group.methods.filter((trial) => !isRandom(trial));
    const rows = methods.map((trial: MethodTrial) => fetchRows(store, trial));
    return [...fetchTexts(store, group).values()].map((text): ListedText => {
      const own = rows.flatMap((byRow) => byRow.get(text.row) ?? []);
      const gaps = own.flatMap(({ residual }) => (residual === null ? [] : [Math.abs(residual)]));
      const { row, target, predicted, truth } = text;
      return {
        ...{ row, target, predicted, truth, text: plainOf(text) },
        right: truth === null ? null : truth === predicted,
        logit: own.find(({ logit }) => logit !== null)?.logit ?? null,
        residual: gaps.length === 0 ? null : Math.max(...gaps),
        tokens: text.tokens.length,
        marked: own.some(({ marks }) => marks.length > 0),
        error: own.find(({ error }) => error !== null)?.error ?? null,
      };
    });
  });
}

/** A page of the list, and where the chosen text stands among all that fit. */
export type TextPage = {
  readonly shown: readonly ListedText[];
  readonly page: number;
  readonly pages: number;
  /** Texts that fit search and filter, and all. */
  readonly fitting: number;
  readonly total: number;
  readonly current: ListedText | undefined;
  /** Place of the current text among the fitting ones, -1 where it is none of them. */
  readonly place: number;
  readonly before: number | null;
  readonly after: number | null;
};

type Asked = Pick<AttributionView, "find" | "only" | "sort" | "order" | "page" | "example">;

/** Chooses a page; the text asked for, else the first of the page, is the current one. */
export function pageOf(list: readonly ListedText[], asked: Asked): TextPage {
  const fitting = sortTexts(
    list.filter((text) => fits(text, asked)),
    asked,
  );
  const pages = Math.max(1, Math.ceil(fitting.length / pageSize));
  const page = Math.min(pages, Math.max(1, asked.page));
  const shown = fitting.slice((page - 1) * pageSize, page * pageSize);
  const current = list.find(({ row }) => row === asked.example) ?? shown[0];
  const place = current === undefined ? -1 : fitting.indexOf(current);
  return {
    ...{ shown, page, pages, current, place, fitting: fitting.length, total: list.length },
    before: place > 0 ? (fitting[place - 1]?.row ?? null) : null,
    after: place >= 0 ? (fitting[place + 1]?.row ?? null) : null,
  };
}

function fits(text: ListedText, { find, only }: Asked): boolean {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const plain = text.text.toLowerCase();
  if (!words.every((word) => plain.includes(word))) return false;
  switch (only) {
    case "right":
      return text.right === true;
    case "wrong":
      return text.right === false;
    case "marked":
      return text.marked;
    case "failed":
      return text.error !== null;
    default:
      return true;
  }
}

const sortKeys: {
  readonly [K in Asked["sort"]]: (text: ListedText) => number | null;
} = {
  row: ({ row }) => row,
  correct: ({ right }) => (right === null ? null : Number(right)),
  logit: ({ logit }) => logit,
  residual: ({ residual }) => residual,
  length: ({ tokens }) => tokens,
};

/** Texts without the number last, equal ones in the order of the dataset. */
function sortTexts(texts: readonly ListedText[], { sort, order }: Asked): readonly ListedText[] {
  const sign = order === "asc" ? 1 : -1;
  const key = sortKeys[sort];
  return texts.toSorted((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || a.row - b.row;
    return sign * (x - y) || a.row - b.row;
  });
}

/** @file Tables that are only looked up: most of their rows have no gradient at a step, and many never have one. */

import type { ElementRange as Range } from "../graph/index.ts";

/** A table of `rows` rows of `width` elements that begins at an element of the training's arrays. */
type Table = { readonly start: number; readonly rows: number; readonly width: number };

/** Idle rows between others that are not worth a range of their own. */
const shortGap = 4;

/** Remembers which rows of a table have a gradient at this step, and which ever had one. */
export class LookedUpRows {
  readonly #table: Table;
  readonly #now: Uint8Array;
  readonly #ever: Uint8Array;

  constructor(table: Table) {
    this.#table = table;
    this.#now = new Uint8Array(table.rows);
    this.#ever = new Uint8Array(table.rows);
  }

  /** These rows have a gradient at this step. */
  look(rows: ArrayLike<number | bigint>): void {
    for (let i = 0; i < rows.length; i++) {
      const row = Number(rows[i]);
      this.#now[row] = 1;
      this.#ever[row] = 1;
    }
  }

  /** A step begins: sets the gradients of the one before to zero. */
  clear(gradients: Float32Array): void {
    for (const { start, end } of this.rangesNow()) gradients.fill(0, start, end);
    this.#now.fill(0);
  }

  /** Forgets which rows ever had a gradient, and finds them in a slot that only those have changed from zero. */
  recall(slots: readonly Float32Array[]): void {
    const { start, rows, width } = this.#table;
    for (let row = 0; row < rows; row++) {
      const from = start + row * width;
      const changed = slots.some((slot) => slot.subarray(from, from + width).some((x) => x !== 0));
      this.#ever[row] = changed || this.#now[row] ? 1 : 0;
    }
  }

  get end(): number {
    const { start, rows, width } = this.#table;
    return start + rows * width;
  }

  get start(): number {
    return this.#table.start;
  }

  /** Where gradients of this step may be other than zero. */
  rangesNow(): readonly Range[] {
    return this.#ranges(this.#now);
  }

  /** Where gradients ever were other than zero. */
  rangesEver(): readonly Range[] {
    return this.#ranges(this.#ever);
  }

  #ranges(marks: Uint8Array): readonly Range[] {
    const { start, width } = this.#table;
    const found: Range[] = [];
    for (let row = marks.indexOf(1); row >= 0; ) {
      let last = row;
      let next = marks.indexOf(1, row + 1);
      while (next >= 0 && next - last <= shortGap) {
        last = next;
        next = marks.indexOf(1, last + 1);
      }
      found.push({ start: start + row * width, end: start + (last + 1) * width });
      row = next;
    }
    return found;
  }
}

/** What of a range the others, in ascending order and apart, leave over. */
export function without({ start, end }: Range, others: readonly Range[]): readonly Range[] {
  const left: Range[] = [];
  let at = start;
  for (const other of others) {
    if (other.end <= at || other.start >= end) continue;
    if (other.start > at) left.push({ start: at, end: other.start });
    at = Math.max(at, other.end);
  }
  return at < end ? [...left, { start: at, end }] : left;
}

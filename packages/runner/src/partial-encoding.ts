/** @file An encoding being written: a file laid out in full, and a journal of the chunks that are in it. */

import {
  appendFileSync,
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { syncFolder, writeAll } from "./atomic-file.ts";
import type { EncodingCounts } from "./cache.ts";
import { idOf } from "./canonical.ts";
import { float32ToFloat16 } from "./floats.ts";
import { elementBytes, readHeader, type StoredTensor } from "./safetensors.ts";
import { layOut, type TensorSpec } from "./safetensors-writer.ts";

/** What a chunk adds to the counts of its encoding. */
export type ChunkCounts = EncodingCounts;

/** A file that is filled chunk by chunk; it survives a kill, and the next run goes on with what is missing. */
export type PartialEncoding = {
  /** Where every feature's rows go. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Counts of the chunks that are already there, by chunk number. */
  readonly finished: ReadonlyMap<number, ChunkCounts>;
  /** Remembers a chunk whose rows are all on disk. */
  readonly finishChunk: (chunk: number, counts: ChunkCounts) => void;
  /** Gives the file its name; every chunk must be finished. */
  readonly commit: () => EncodingCounts;
};

type Layout = {
  readonly features: Readonly<Record<string, TensorSpec>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Chunks cover the texts; how many there are, and a hash of which text is in which. */
  readonly chunks: number;
  readonly chunking: string;
};

const journalLine = z.object({
  chunk: z.int(),
  texts: z.number(),
  tokens: z.number(),
  truncated: z.number(),
  seconds: z.number(),
});

/** Opens what an earlier run left of this file, or begins it. */
export function openPartialEncoding(file: string, layout: Layout): PartialEncoding {
  const partial = `${file}.partial`;
  const journal = `${file}.journal`;
  const heading = idOf({ features: layout.features, chunking: layout.chunking });
  const finished = readJournal({ partial, journal, heading, size: headerOf(layout).size });
  if (finished === undefined) begin({ partial, journal, heading, layout });
  const chunks = finished ?? new Map<number, ChunkCounts>();
  return {
    tensors: readHeader(partial).tensors,
    finished: chunks,
    finishChunk: (chunk, counts) => {
      appendLine(journal, JSON.stringify({ chunk, ...counts }));
      chunks.set(chunk, counts);
    },
    commit: () => {
      if (chunks.size !== layout.chunks) {
        throw new Error(`internal: ${file} has ${chunks.size} of ${layout.chunks} chunks`);
      }
      const total = sumCounts([...chunks.values()]);
      const descriptor = openSync(partial, "r+");
      try {
        writeAll(descriptor, headerOf(layout, total).bytes, 0);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(partial, file);
      syncFolder(dirname(file));
      rmSync(journal, { force: true });
      return total;
    },
  };
}

/** Writes rows of one feature where they belong, as stored; row i of `values` is row `rows[i]` of the tensor. */
export function writeRows(
  tensor: StoredTensor,
  rows: ArrayLike<number>,
  values: Float32Array,
): void {
  const width = tensor.shape.slice(1).reduce((product, size) => product * size, 1);
  const stored = tensor.dtype === "F16" ? float32ToFloat16(values) : values;
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  const rowBytes = width * elementBytes[tensor.dtype];
  const descriptor = openSync(tensor.file, "r+");
  try {
    for (let i = 0; i < rows.length; ) {
      let run = 1; // neighbours in the dataset go to the disk together
      while (rows[i + run] === rows[i]! + run) run++;
      const part = bytes.subarray(i * rowBytes, (i + run) * rowBytes);
      writeAll(descriptor, part, tensor.offset + rows[i]! * rowBytes);
      i += run;
    }
    fdatasyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function sumCounts(counts: readonly EncodingCounts[]): EncodingCounts {
  const sum = (field: keyof EncodingCounts): number =>
    counts.reduce((total, one) => total + one[field], 0);
  return {
    texts: sum("texts"),
    tokens: sum("tokens"),
    truncated: sum("truncated"),
    seconds: sum("seconds"),
  };
}

/** Counts are known only at the end, so their place in the header has a fixed width. */
function headerOf({ features, metadata }: Layout, counts: EncodingCounts = sumCounts([])) {
  const fixed = (value: number): string => value.toString().slice(0, 16).padStart(16);
  return layOut({
    tensors: features,
    metadata: {
      ...metadata,
      texts: fixed(counts.texts),
      tokens: fixed(counts.tokens),
      truncated: fixed(counts.truncated),
      seconds: fixed(Number(counts.seconds.toFixed(3))),
    },
  });
}

type Beginning = {
  readonly partial: string;
  readonly journal: string;
  readonly heading: string;
  readonly layout: Layout;
};

/** The journal's first line is written last: without it nothing that lies there counts. */
function begin({ partial, journal, heading, layout }: Beginning): void {
  rmSync(journal, { force: true });
  rmSync(partial, { force: true }); // whoever still has the old one open must not write into the new one
  const { bytes, size } = headerOf(layout);
  const descriptor = openSync(partial, "w", 0o600);
  try {
    ftruncateSync(descriptor, size);
    writeAll(descriptor, bytes, 0);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  appendLine(journal, JSON.stringify({ heading }));
}

type Earlier = {
  readonly partial: string;
  readonly journal: string;
  readonly heading: string;
  readonly size: number;
};

/** Finished chunks by number, or undefined when there is nothing that fits. */
function readJournal({
  partial,
  journal,
  heading,
  size,
}: Earlier): Map<number, ChunkCounts> | undefined {
  if (!existsSync(journal) || statSync(partial, { throwIfNoEntry: false })?.size !== size) {
    return undefined;
  }
  const text = readFileSync(journal, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const [first, ...lines] = whole.split("\n").slice(0, -1);
  if (first !== JSON.stringify({ heading })) return undefined;
  const finished = new Map<number, ChunkCounts>();
  try {
    for (const line of lines) {
      const { chunk, ...counts } = journalLine.parse(JSON.parse(line));
      finished.set(chunk, counts);
    }
  } catch {
    return undefined; // damaged: begin again rather than guess
  }
  // a line that was cut off must not run into the next one
  if (whole.length < text.length) truncateSync(journal, Buffer.byteLength(whole));
  return finished;
}

function appendLine(file: string, line: string): void {
  appendFileSync(file, `${line}\n`, { mode: 0o600, flush: true });
}

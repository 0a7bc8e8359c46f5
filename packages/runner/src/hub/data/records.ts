/** @file Records of a downloaded file, one after the other, whatever its format. */

import { constants } from "node:buffer";
import { createReadStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { createGunzip, gunzipSync } from "node:zlib";
import { parse } from "csv-parse";
import { decodeText } from "../../datasets/decode.ts";
import { mostColumns } from "../../datasets/scan-rows.ts";
import { parseJson } from "../../parse-json.ts";
import { readParquet } from "./parquet.ts";
import type { SourceRecord, UrlFormat } from "./source.ts";

export type RecordFormat = UrlFormat | "tsv" | "jsonl" | "json" | "parquet";

type Source = {
  /** A file, or contents that were taken out of an archive. */
  readonly from: string | Buffer;
  readonly format: RecordFormat;
  readonly encoding?: string | undefined;
};

export function readRecords({ from, format, encoding }: Source): AsyncIterable<SourceRecord> {
  switch (format) {
    case "parquet":
      if (typeof from !== "string") throw new Error("internal: parquet is read from files");
      return readParquet(from);
    case "csv":
    case "tsv":
      return readDelimited(from, format === "csv" ? "," : "\t");
    case "jsonl":
      return mapLines(from, undefined, (line) => parseJson(line) as SourceRecord);
    case "json":
      return readList(from);
    case "lines":
      return mapLines(from, encoding, (text) => ({ text }));
    case "labelled":
      return mapLines(from, encoding, (line) => {
        const space = line.indexOf(" ");
        return { label: line.slice(0, space), text: line.slice(space + 1) };
      });
    case "senteval":
      return mapLines(from, encoding, (line) => {
        const [part, label, ...text] = line.split("\t");
        return { part, label, text: text.join("\t") };
      });
  }
}

/** Format by a file's name; null for what holds no rows. A `.gz` at the end does not count. */
export function formatOf(name: string): RecordFormat | null {
  const [, extension] = /\.(parquet|csv|tsv|jsonl|ndjson|json)(?:\.gz)?$/i.exec(name) ?? [];
  const format = extension?.toLowerCase();
  return (format === "ndjson" ? "jsonl" : (format as RecordFormat | undefined)) ?? null;
}

async function* readDelimited(
  from: string | Buffer,
  delimiter: string,
): AsyncGenerator<SourceRecord> {
  const input = Readable.from(refuseWide(streamOf(from), delimiter));
  const parser = parse({
    ...{ columns: true, bom: true, relax_column_count: false, delimiter },
    record_delimiter: ["\r\n", "\n"], // looking for it would be done at every character of a long first row
    max_record_size: longestRow,
  });
  input.on("error", (error) => parser.destroy(error)); // a damaged .gz; pipes do not pass it on
  try {
    yield* input.pipe(parser) as AsyncIterable<SourceRecord>;
  } finally {
    input.destroy();
  }
}

/** Throws where a line has more delimiters than any table has columns: each would be a cell. */
async function* refuseWide(
  input: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<Buffer> {
  const mark = delimiter.charCodeAt(0);
  let columns = 1;
  for await (const bytes of input) {
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] === mark) columns += 1;
      else if (bytes[i] === newline) columns = 1;
      if (columns > mostColumns) {
        throw new Error(`expected at most ${mostColumns} columns, a line has more`);
      }
    }
    yield bytes;
  }
}

const newline = 0x0a;

/** Blank lines do not count; bytes are UTF-8 unless an encoding is given. */
async function* mapLines(
  from: string | Buffer,
  encoding: string | undefined,
  read: (line: string) => SourceRecord,
): AsyncGenerator<SourceRecord> {
  const whole = encoding === "latin-1" || Buffer.isBuffer(from);
  const input = whole
    ? [Buffer.from(decodeText(Buffer.isBuffer(from) ? from : readFileSync(from), encoding).text)]
    : streamOf(from);
  let at = 0;
  for await (const line of linesOf(input)) {
    at += 1;
    if (line.trim() === "") continue;
    try {
      yield read(at === 1 ? line.replace(/^\ufeff/, "") : line);
    } catch (cause) {
      throw new Error(`line ${at}: ${(cause as Error).message}`, { cause });
    }
  }
}

const longestRow = 2 ** 25; // bytes
const longestLine = 2 ** 28; // characters: beyond it a packed file is a bomb

/** Only a newline ends a line: U+2028 and its like may stand inside a text. */
async function* linesOf(input: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest: string[] = []; // of a line that goes over many chunks; joined once
  let length = 0;
  for await (const bytes of input) {
    const parts = decoder.write(bytes).split("\n");
    for (const [i, part] of parts.entries()) {
      rest.push(part);
      length += part.length;
      if (length > longestLine) throw new Error(`a line is longer than ${longestLine} characters`);
      if (i === parts.length - 1) break;
      const line = rest.join("");
      yield line.endsWith("\r") ? line.slice(0, -1) : line;
      rest = [];
      length = 0;
    }
  }
  if (length > 0) yield rest.join("");
}

const mostValues = 2 ** 25; // as in datasets that lie here

/** A JSON list, or an object that holds one. */
async function* readList(from: string | Buffer): AsyncGenerator<SourceRecord> {
  const bytes = Buffer.isBuffer(from) ? from : readFileSync(from);
  const packed = typeof from === "string" && from.endsWith(".gz");
  const plain = packed
    ? gunzipSync(bytes, { maxOutputLength: constants.MAX_STRING_LENGTH })
    : bytes;
  const value = parseJson(plain.toString(), { values: mostValues });
  const list = Array.isArray(value) ? value : Object.values(value ?? {}).find(Array.isArray);
  if (list === undefined) throw new Error("expected a list of records");
  yield* list as SourceRecord[];
}

function streamOf(from: string | Buffer): Readable {
  if (Buffer.isBuffer(from)) return Readable.from([from]);
  const raw = createReadStream(from);
  if (!from.endsWith(".gz")) return raw;
  const plain = createGunzip();
  raw.on("error", (error) => plain.destroy(error));
  return raw.pipe(plain);
}

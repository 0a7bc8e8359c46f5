/** @file Reads a parquet file row group by row group, and the class names that the hub's library wrote into it. */

import {
  asyncBufferFromFile,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { SourceRecord } from "./source.ts";

/** Records one after the other; a row group is in memory at a time. Integers of 64 bits come as bigint. */
export async function* readParquet(file: string): AsyncGenerator<SourceRecord> {
  const buffer = await asyncBufferFromFile(file);
  const metadata = await readMetadata(file, buffer);
  let rowStart = 0;
  for (const [i, group] of metadata.row_groups.entries()) {
    const rowEnd = rowStart + Number(group.num_rows);
    const unpack = limited(compressors);
    const options = { file: buffer, metadata, compressors: unpack, rowStart, rowEnd };
    yield* await readGroup(options, `${file}: row group ${i}`);
    rowStart = rowEnd;
  }
}

/**
 * Column by column: asked for several, the library leaves the error of the second to break unheard, which ends the
 * process. It answers damage with whatever breaks first; its error is kept as the cause.
 */
async function readGroup(
  options: Parameters<typeof parquetReadObjects>[0] & { readonly metadata: FileMetaData },
  where: string,
): Promise<readonly SourceRecord[]> {
  try {
    const rows: Record<string, unknown>[] = [];
    for (const { element } of parquetSchema(options.metadata).children) {
      const column = await parquetReadObjects({ ...options, columns: [element.name] });
      for (const [i, value] of column.entries()) rows[i] = { ...rows[i], ...value };
    }
    return rows;
  } catch (cause) {
    const reason = cause instanceof TooLarge ? cause.message : "is damaged";
    throw new Error(`${where} ${reason}`, { cause });
  }
}

/** More than the row groups of the hub unpack to: all of one is in memory at a time. */
const mostUnpacked = 2 ** 29;

class TooLarge extends Error {}

/** The same, until they have unpacked too much. */
function limited(all: Compressors): Compressors {
  let unpacked = 0;
  return Object.fromEntries(
    Object.entries(all).map(([name, unpack]) => [
      name,
      (input: Uint8Array, length: number) => {
        unpacked += length;
        if (unpacked <= mostUnpacked) return unpack(input, length);
        throw new TooLarge(`unpacks to more than ${mostUnpacked} bytes`);
      },
    ]),
  );
}

/** Names of the classes of a column by number; null where the file does not say. */
export async function parquetClassNames(
  file: string,
  column: string,
): Promise<readonly string[] | null> {
  const metadata = await readMetadata(file, await asyncBufferFromFile(file));
  const said = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  if (said === undefined) return null;
  const features = featuresIn(said);
  const names = (features?.[column] as { names?: unknown } | undefined)?.names;
  return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : null;
}

/** What the hub's library wrote about the columns; nothing where that is damaged, for the columns speak for themselves. */
function featuresIn(said: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const info = (JSON.parse(said) as { info?: { features?: Record<string, unknown> } } | null)
      ?.info;
    return info?.features;
  } catch {
    return undefined;
  }
}

type Buffered = Awaited<ReturnType<typeof asyncBufferFromFile>>;

async function readMetadata(file: string, buffer: Buffered): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(buffer);
  } catch (cause) {
    throw new Error(`${file}: expected a parquet file, got something else`, { cause });
  }
}

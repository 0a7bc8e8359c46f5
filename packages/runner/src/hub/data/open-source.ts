/** @file Fetches the files of a data set, or finds them fetched, and says how each is to be read. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { shortHash } from "../../canonical.ts";
import { ExperimentError } from "../../errors.ts";
import { sha256Of } from "../checksums.ts";
import { requireCached } from "../find-model.ts";
import { type Listing, listRepository, pullFiles } from "../pull-repository.ts";
import { isCommit, parseRepository, type Repository } from "../repositories.ts";
import type { HubSettings } from "../settings.ts";
import { fetchUrl } from "./fetch-url.ts";
import { type Card, chooseFiles, readCard, type SplitFiles } from "./hub-files.ts";
import { formatOf, type RecordFormat } from "./records.ts";
import type { HubSource, Part, SourceRecord, UrlSource } from "./source.ts";
import { readTar } from "./tar.ts";

/** A file that is here, and what it says. */
export type OpenedFile = {
  /** Its path, or what was taken out of an archive. */
  readonly from: string | Buffer;
  readonly format: RecordFormat;
  readonly encoding?: string | undefined;
  readonly part: Part | null;
  readonly add?: SourceRecord | undefined;
  /** Where it came from, as the README says. */
  readonly origin: string;
  readonly sha256: string;
};

type Options = {
  readonly hub: HubSettings;
  readonly onProgress?: ((what: string, bytes: number, size: number | null) => void) | undefined;
};

type Opened = { readonly files: readonly OpenedFile[]; readonly licence: string | null };

/** Downloads are kept under data/<name>/source, by a name of their own. */
export async function openUrlSource(
  { files }: UrlSource,
  { hub, folder, onProgress }: Options & { readonly folder: string },
): Promise<Opened> {
  const urls = [...new Set(files.map(({ url }) => url))];
  const targets = new Map(urls.map((url) => [url, join(folder, "source", fileName(url))]));
  const archives = new Map<string, ReadonlyMap<string, Buffer>>();
  const sums = new Map<string, string>();
  for (const [url, target] of targets) {
    if (hub.offline && !existsSync(target)) {
      throw new ExperimentError(`offline, and ${url} was not downloaded before (${target})`);
    }
    await fetchUrl({
      url,
      target,
      onProgress: onProgress && ((bytes) => onProgress(url, bytes, null)),
    });
    sums.set(url, await sha256Of(target));
    const members = files.flatMap((file) => (file.url === url ? (file.member ?? []) : []));
    if (members.length > 0) archives.set(url, await readTar(target, members));
  }
  const opened = files.map(({ url, member, part, format, encoding, add }): OpenedFile => {
    const from = member === undefined ? targets.get(url) : archives.get(url)?.get(member);
    if (from === undefined) throw new Error(`internal: ${url} was not opened`);
    const origin = member === undefined ? url : `${url} (${member})`;
    return { from, format, encoding, part, add, origin, sha256: sums.get(url) ?? "" };
  });
  return { files: opened, licence: null };
}

/** Two addresses may end in the same name. */
function fileName(url: string): string {
  const name = basename(new URL(url).pathname).replace(/[^\w.-]/g, "_");
  const extension = /(\.tar)?\.\w+$/.exec(name)?.[0] ?? extname(name);
  return `${name.slice(0, name.length - extension.length)}-${shortHash(url).slice(0, 6)}${extension}`;
}

/** Data files of the hub, by split; scripts are never run: their data come from the hub's own conversion to parquet. */
export async function openHubSource(
  { id, config, splits }: Pick<HubSource, "id" | "config" | "splits">,
  options: Options,
): Promise<Opened & { readonly splits: readonly string[] }> {
  const found = await findSplits(id, { config, ...options });
  const wanted = splits.length > 0 ? splits : [...found.splits.keys()].map(asPart);
  const chosen = wanted.map(([split, part]) => {
    const paths = found.splits.get(split);
    if (paths !== undefined && paths.length > 0) return { split, part, paths };
    const known = [...found.splits.keys()].join(", ");
    throw new ExperimentError(`dataset "${id}": no split "${split}", expected one of ${known}`);
  });
  const all = chosen.flatMap(({ paths }) => paths);
  const folder = await found.fetch(all);
  const files: OpenedFile[] = [];
  for (const { part, paths } of chosen) {
    for (const path of paths) {
      const from = join(folder, path);
      const format = formatOf(path);
      if (format === null) throw new Error(`internal: ${path} has no format`);
      const origin = `${id}@${found.commit}: ${path}`;
      files.push({ from, format, part, origin, sha256: await sha256Of(from) });
    }
  }
  return { files, licence: found.licence, splits: wanted.map(([split]) => split) };
}

const partNames: readonly string[] = ["train", "validation", "test"] satisfies readonly Part[];

function asPart(split: string): readonly [string, Part | null] {
  return [split, partNames.includes(split) ? (split as Part) : null];
}

type Found = {
  readonly splits: SplitFiles;
  readonly commit: string;
  readonly licence: string | null;
  readonly fetch: (paths: readonly string[]) => Promise<string>;
};

/** The branch where the hub keeps its conversions. */
const conversions = "refs/convert/parquet";

async function findSplits(
  id: string,
  options: Options & { readonly config: string | null },
): Promise<Found> {
  const repository = parseRepository(id, "dataset");
  const own = await openRepository(repository, options);
  const { card, commit } = own;
  const licence = [card.license ?? []].flat().join(", ") || null;
  const wanted = { card, config: options.config, id: repository.name };
  const splits = chooseFiles(own.paths, wanted);
  if (splits !== null) return { splits, commit, licence, fetch: own.fetch };
  if (isCommit(repository.revision)) throw noData(id);
  const converted = await openRepository({ ...repository, revision: conversions }, options);
  const parquet = converted.paths.filter((path) => path.endsWith(".parquet"));
  const found = chooseFiles(parquet, { ...wanted, card: {} });
  if (found === null) throw noData(id);
  return { splits: found, commit: converted.commit, licence, fetch: converted.fetch };
}

function noData(id: string): ExperimentError {
  return new ExperimentError(
    `dataset "${id}": expected parquet, csv or jsonl files, the repository has none`,
  );
}

/** A repository's paths and card, from the hub or from what is cached of it. */
async function openRepository(repository: Repository, { hub, onProgress }: Options) {
  if (hub.offline) {
    const { path, commit } = requireCached(hub, repository);
    const paths = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(path, join(entry.parentPath, entry.name)))
      .sort();
    return { paths, commit, card: cardIn(path), fetch: async () => path };
  }
  const listing: Listing = await listRepository(hub, repository);
  const { commit, files } = listing;
  const pull = (paths: readonly string[]) => {
    const some = files.filter(({ path }) => paths.includes(path));
    return pullFiles(hub, { ...listing, files: some }, (file, bytes) =>
      onProgress?.(file.path, bytes, file.size),
    );
  };
  const card: Card = cardIn(await pull(["README.md"]));
  return { paths: files.map(({ path }) => path), commit, card, fetch: pull };
}

function cardIn(folder: string): Card {
  const readme = join(folder, "README.md");
  return existsSync(readme) ? readCard(readFileSync(readme, "utf8")) : {};
}

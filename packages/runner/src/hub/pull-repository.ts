/** @file Brings chosen files of a repository into the hub's cache, in the layout that Python's library reads and writes. */

import { copyFileSync, existsSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import {
  datasetInfo,
  downloadFile,
  HubApiError,
  type ListFileEntry,
  listFiles,
  modelInfo,
} from "@huggingface/hub";
import { replaceFile } from "../atomic-file.ts";
import { freeBytes } from "../cache.ts";
import { ExperimentError, messageOf } from "../errors.ts";
import { formatBytes } from "../format.ts";
import { checkFile } from "./checksums.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import { limitedFetch } from "./limited-fetch.ts";
import { isCommit, type Repository, repositoryFolder, snapshotFolder } from "./repositories.ts";
import { download, FinalAnswer } from "./resumable.ts";
import type { HubSettings } from "./settings.ts";

export type RemoteFile = {
  readonly path: string;
  readonly size: number;
  /** sha256 of a large file, git's hash of a small one: its name among the blobs. */
  readonly id: string;
};

/** A repository at one commit, as the hub lists it. */
export type Listing = {
  readonly repository: Repository;
  readonly commit: string;
  readonly files: readonly RemoteFile[];
};

export type PullProgress = (file: RemoteFile, bytes: number) => void;

/** Asks the hub which commit a revision is at, and for its files. */
export async function listRepository(hub: HubSettings, repository: Repository): Promise<Listing> {
  const { type, name, revision } = repository;
  const access = accessTo(hub);
  return explained(hub, repository, async () => {
    const asked = { ...access, name, revision };
    const { sha } =
      type === "model"
        ? await modelInfo({ ...asked, additionalFields: ["sha"] })
        : await datasetInfo({ ...asked, additionalFields: ["sha"] });
    if (!isCommit(sha)) throw new Error(`expected a commit, got ${JSON.stringify(sha)}`);
    const repo = { type, name };
    const files: RemoteFile[] = [];
    for await (const entry of listFiles({ ...access, repo, revision: sha, recursive: true })) {
      const file = remoteFile(entry);
      if (file !== null) files.push(file);
    }
    return { repository, commit: sha, files };
  });
}

/** Downloads the files that are not cached and returns the folder they lie in; the revision then points to it. */
export async function pullFiles(
  hub: HubSettings,
  { repository, commit, files }: Listing,
  onProgress?: PullProgress,
): Promise<string> {
  const folder = repositoryFolder(hub, repository);
  const snapshot = snapshotFolder(hub, repository, commit);
  const missing = files.filter(({ id }) => !existsSync(join(folder, "blobs", id)));
  refuseOverfull(hub.cache, missing);
  await explained(hub, repository, async () => {
    for (const file of files) {
      const blob = join(folder, "blobs", file.id);
      await fetchBlob(hub, { repository, commit, file, blob, onProgress });
      link(blob, join(snapshot, file.path));
    }
  });
  const { revision } = repository;
  if (!isCommit(revision)) replaceFile(join(folder, "refs", ...revision.split("/")), commit);
  return snapshot;
}

type Wanted = Pick<Listing, "repository" | "commit"> & {
  readonly file: RemoteFile;
  readonly blob: string;
  readonly onProgress: PullProgress | undefined;
};

async function fetchBlob(hub: HubSettings, wanted: Wanted): Promise<void> {
  const { repository, commit, file, blob, onProgress } = wanted;
  const { type, name } = repository;
  const what = `${name}/${file.path}`;
  const open = async (offset: number) => {
    const repo = { type, name };
    // Plain requests with a range, not Xet's: they go on where they were cut.
    const plain = { ...accessTo(hub), repo, revision: commit, xet: false };
    const found = await downloadFile({ ...plain, path: file.path });
    if (found === null) throw new FinalAnswer(`${what}: not in the repository any more`);
    if (found.size !== file.size) {
      throw new FinalAnswer(`${what}: expected ${file.size} bytes, the hub offers ${found.size}`);
    }
    const stream = (offset === 0 ? found : found.slice(offset, found.size)).stream();
    return { stream, size: file.size, restart: false };
  };
  await download({
    ...{ target: blob, what, size: file.size, open },
    check: (incomplete) => checkFile(incomplete, { id: file.id, what }),
    onProgress: onProgress && ((bytes) => onProgress(file, bytes)),
  });
}

function accessTo({ endpoint, token }: HubSettings) {
  return {
    hubUrl: endpoint,
    fetch: limitedFetch(guardedFetch(endpoint)),
    ...(token !== null && { accessToken: token }),
  };
}

/** Large files are named by their sha256, small ones by git; folders and odd paths are left alone. */
function remoteFile({ type, path, size, oid, lfs }: ListFileEntry): RemoteFile | null {
  const id = lfs?.oid ?? oid;
  const steps = path.split("/");
  const odd =
    /[\\\0]/.test(path) || steps.some((step) => step === "" || step === "." || step === "..");
  if (type !== "file" || odd || id === undefined) return null;
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id) ? { path, size: lfs?.size ?? size, id } : null;
}

/** A link relative to its place, as Python makes it; a copy where links are not allowed. */
function link(blob: string, pointer: string): void {
  if (existsSync(pointer)) return;
  mkdirSync(dirname(pointer), { recursive: true });
  try {
    symlinkSync(relative(dirname(pointer), blob), pointer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(blob).isFile()) return;
    if (code !== "EPERM") throw error;
    copyFileSync(blob, pointer);
  }
}

function refuseOverfull(cache: string, files: readonly RemoteFile[]): void {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const free = freeBytes(cache);
  if (bytes <= free) return;
  throw new ExperimentError(
    `the download needs ${formatBytes(bytes)}, the disk of ${cache} has ${formatBytes(free)} free`,
  );
}

/** The hub's answers as what a person can do about them. */
async function explained<T>(hub: HubSettings, of: Repository, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ExperimentError) throw cause;
    const status = cause instanceof HubApiError ? cause.statusCode : null;
    const where = `${of.type} "${of.name}"`;
    if (status === 404 || status === 401 || status === 403) {
      throw new ExperimentError(
        `${where}: not found on ${hub.endpoint} at ${of.revision}, or not open to everyone (HF_TOKEN gives access)`,
        { cause },
      );
    }
    const reason = status === null ? deepest(cause) : `the hub answered with status ${status}`;
    throw new ExperimentError(`${where}: ${reason}`, { cause });
  }
}

/** `fetch failed` says nothing; its cause does. */
function deepest(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(error) === "fetch failed" && cause !== undefined
    ? deepest(cause)
    : messageOf(error);
}

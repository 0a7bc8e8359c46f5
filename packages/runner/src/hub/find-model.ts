/** @file Finds a model by what a person calls it: a folder, or the id of one that lies in the hub's cache. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ExperimentError, messageOf } from "../errors.ts";
import { locate } from "../locate.ts";
import {
  cachedCommit,
  cachedNames,
  isRepositoryName,
  parseRepository,
  type Repository,
  repositoryFolder,
  snapshotFolder,
} from "./repositories.ts";
import { type HubSettings, hubSettings } from "./settings.ts";

/** Path of a model's folder: as written if it exists, else in the hub's cache. The error names every place. */
export function findModel(
  model: string,
  { from, hub = hubSettings() }: { from?: string | undefined; hub?: HubSettings } = {},
): string {
  try {
    return locate(model, { what: "model", ...(from !== undefined && { from }) });
  } catch (error) {
    if (!isRepositoryName(model.split("@")[0] ?? "")) throw error;
    const repository = parseRepository(model, "model");
    const commit = cachedCommit(hub, repository);
    if (commit !== null) return snapshotFolder(hub, repository, commit);
    const place = repositoryFolder(hub, repository);
    const hint = `probegrid models pull ${model} downloads it`;
    throw new ExperimentError(`${messageOf(error)} and ${place} (${hint})`);
  }
}

/** Snapshot of a repository that must be cached, for work without a network. */
export function requireCached(
  hub: HubSettings,
  repository: Repository,
): { readonly path: string; readonly commit: string } {
  const { type, name, revision } = repository;
  const commit = cachedCommit(hub, repository);
  if (commit !== null) return { commit, path: snapshotFolder(hub, repository, commit) };
  const folder = repositoryFolder(hub, repository);
  const known = cachedNames(hub, type);
  throw new ExperimentError(
    existsSync(join(folder, "snapshots"))
      ? `${type} "${name}": offline, and its cache ${folder} does not hold ${revision}`
      : `${type} "${name}": offline, and not in ${hub.cache}, which holds ${known.join(", ") || `no ${type}`}`,
  );
}

/** @file Names of the hub's repositories, and where each lies in the cache that Python shares. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ExperimentError } from "../errors.ts";
import type { HubSettings } from "./settings.ts";

export type Repository = {
  readonly type: "model" | "dataset";
  /** "owner/name", or "name" of an old one. */
  readonly name: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
};

const part = /^[A-Za-z0-9_](?:[\w.-]{0,94}[A-Za-z0-9_-])?$/;

/** Reads `owner/name@revision`; throws where it is no name that the hub could have. */
export function parseRepository(id: string, type: Repository["type"]): Repository {
  const at = id.indexOf("@");
  const name = at < 0 ? id : id.slice(0, at);
  const revision = at < 0 ? "main" : id.slice(at + 1);
  if (!isRepositoryName(name)) {
    throw new ExperimentError(
      `${type} "${id}": expected a name on the hub, like owner/name or owner/name@revision`,
    );
  }
  const plain = /^\w[\w.-]*(\/\w[\w.-]*)*$/.test(revision) && !revision.includes("..");
  if (plain && revision.length <= 200) return { type, name, revision };
  throw new ExperimentError(
    `${type} "${name}": expected a branch, tag or commit, got "${revision}"`,
  );
}

/** True for what may be a repository: one part or two, no path steps. */
export function isRepositoryName(name: string): boolean {
  const parts = name.split("/");
  const odd = name.includes("--") || name.includes("..");
  return parts.length <= 2 && parts.every((one) => part.test(one)) && !odd;
}

/** `models--owner--name` in the cache. */
export function repositoryFolder({ cache }: HubSettings, { type, name }: Repository): string {
  return join(cache, [`${type}s`, ...name.split("/")].join("--"));
}

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** The commit that a revision was at when it was last pulled; null when it never was. */
export function cachedCommit(hub: HubSettings, repository: Repository): string | null {
  const folder = repositoryFolder(hub, repository);
  const { revision } = repository;
  if (isCommit(revision)) return existsSync(join(folder, "snapshots", revision)) ? revision : null;
  const ref = join(folder, "refs", ...revision.split("/"));
  if (!existsSync(ref)) return null;
  const commit = readFileSync(ref, "utf8").trim();
  return isCommit(commit) && existsSync(join(folder, "snapshots", commit)) ? commit : null;
}

/** Folder of the files of one commit. */
export function snapshotFolder(hub: HubSettings, repository: Repository, commit: string): string {
  return join(repositoryFolder(hub, repository), "snapshots", commit);
}

/** Names of cached repositories of a type, for errors that say what there is. */
export function cachedNames({ cache }: HubSettings, type: Repository["type"]): readonly string[] {
  if (!existsSync(cache)) return [];
  const prefix = `${type}s--`;
  return readdirSync(cache)
    .filter((folder) => folder.startsWith(prefix))
    .map((folder) => folder.slice(prefix.length).replaceAll("--", "/"));
}

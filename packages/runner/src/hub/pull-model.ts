/** @file Brings a model into the hub's cache: configuration, tokenizer, and one form of its weights. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tokenizerFileNames } from "../checkpoint.ts";
import { ExperimentError } from "../errors.ts";
import { requireCached } from "./find-model.ts";
import {
  listRepository,
  type PullProgress,
  pullFiles,
  type RemoteFile,
} from "./pull-repository.ts";
import { parseRepository } from "./repositories.ts";
import type { HubSettings } from "./settings.ts";

export type PulledModel = {
  readonly name: string;
  readonly commit: string;
  readonly path: string;
  readonly files: readonly RemoteFile[];
};

/** Pulls `owner/name@revision`; what is cached is not fetched again. Offline, only finds it. */
export async function pullModel(
  hub: HubSettings,
  id: string,
  onProgress?: PullProgress,
): Promise<PulledModel> {
  const repository = parseRepository(id, "model");
  if (hub.offline) {
    const { path, commit } = requireCached(hub, repository);
    return { name: repository.name, commit, path, files: [] };
  }
  const { commit, files } = await listRepository(hub, repository);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const pick = (names: readonly string[]) => names.flatMap((name) => byPath.get(name) ?? []);
  const pull = (some: readonly RemoteFile[]) =>
    pullFiles(hub, { repository, commit, files: some }, onProgress);
  if (!byPath.has("config.json")) {
    throw new ExperimentError(`model "${id}": config.json is not in the repository`);
  }
  const small = pick(["config.json", ...tokenizerFileNames]);
  const weights = chooseWeights(id, byPath);
  const path = await pull([...small, ...weights.files]);
  const shards = weights.index === null ? [] : pick(shardsOf(join(path, weights.index)));
  if (shards.length > 0) await pull(shards);
  return { name: repository.name, commit, path, files: [...small, ...weights.files, ...shards] };
}

/** safetensors where there are any, else PyTorch's; whole before divided. */
const weightFiles = ["model.safetensors", "model.safetensors.index.json"] as const;
const torchFiles = ["pytorch_model.bin", "pytorch_model.bin.index.json"] as const;

function chooseWeights(id: string, byPath: ReadonlyMap<string, RemoteFile>) {
  for (const name of [...weightFiles, ...torchFiles]) {
    const file = byPath.get(name);
    if (file !== undefined) return { files: [file], index: name.endsWith(".json") ? name : null };
  }
  throw new ExperimentError(
    `model "${id}": expected ${[...weightFiles, ...torchFiles].join(", ")}, the repository has none of them`,
  );
}

function shardsOf(index: string): readonly string[] {
  const { weight_map: map } = JSON.parse(readFileSync(index, "utf8")) as {
    weight_map?: Readonly<Record<string, unknown>>;
  };
  return [...new Set(Object.values(map ?? {}).map(String))];
}

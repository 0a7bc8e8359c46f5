/** @file Where the model hub is and where its cache lies, by the same environment variables as in Python. */

import { homedir } from "node:os";
import { join } from "node:path";

/** What every download needs to know. */
export type HubSettings = {
  /** Address of the hub, without a slash at its end. */
  readonly endpoint: string;
  /** Folder of downloaded repositories, `models--owner--name` and `datasets--owner--name`. */
  readonly cache: string;
  /** Never ask the network. */
  readonly offline: boolean;
  /** Sent to the hub and nowhere else. */
  readonly token: string | null;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** HF_ENDPOINT, HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_HUB_OFFLINE, HF_TOKEN. */
export function hubSettings(environment: Environment = process.env): HubSettings {
  const said = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const home = said("HF_HOME") ?? join(said("XDG_CACHE_HOME") ?? "~/.cache", "huggingface");
  const cache = said("HF_HUB_CACHE") ?? said("HUGGINGFACE_HUB_CACHE") ?? join(home, "hub");
  return {
    endpoint: (said("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/+$/, ""),
    cache: cache.replace(/^~(?=\/|$)/, homedir()),
    offline: ["1", "ON", "YES", "TRUE"].includes(said("HF_HUB_OFFLINE")?.toUpperCase() ?? ""),
    token: said("HF_TOKEN") ?? null,
  };
}

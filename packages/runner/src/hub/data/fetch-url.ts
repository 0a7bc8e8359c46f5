/** @file Downloads a file from its home, going on where an earlier attempt was cut. */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { guardedFetch } from "../guarded-fetch.ts";
import { download, FinalAnswer, type Opened } from "../resumable.ts";

type Wanted = {
  readonly url: string;
  readonly target: string;
  readonly onProgress?: ((bytes: number) => void) | undefined;
};

/** The rest is asked for only while the file is the same one: its ETag (or date) goes with the request. */
export async function fetchUrl({ url, target, onProgress }: Wanted): Promise<void> {
  const fetch = guardedFetch(url);
  const stamp = `${target}.incomplete.version`;
  const open = async (offset: number): Promise<Opened> => {
    const version = offset > 0 ? versionIn(stamp) : null;
    const resume = version !== null;
    const response = await fetch(url, {
      headers: resume ? { range: `bytes=${offset}-`, "if-range": version } : {},
    });
    const { status, headers, body } = response;
    if (!response.ok || body === null) {
      if (status >= 500) throw new Error(`answered with status ${status}`);
      throw new FinalAnswer(`${url}: answered with status ${status}`);
    }
    const fresh = headers.get("etag") ?? headers.get("last-modified");
    if (fresh === null || fresh.startsWith("W/")) rmSync(stamp, { force: true });
    else writeFileSync(stamp, fresh);
    return { stream: body, size: sizeOf(headers), restart: status !== 206 };
  };
  const check = async (): Promise<void> => rmSync(stamp, { force: true });
  await download({ target, what: url, size: null, open, check, onProgress });
}

function sizeOf(headers: Headers): number | null {
  const [, total] = /\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  const length = total ?? headers.get("content-length");
  return length === null || length === undefined ? null : Number(length);
}

function versionIn(stamp: string): string | null {
  try {
    return readFileSync(stamp, "utf8");
  } catch {
    return null;
  }
}

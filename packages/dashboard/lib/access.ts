/** @file Who may look: the rules about hosts and tokens, checked by the server before Next and again wherever data is read. */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";

/** Name of the cookie that stands for a token once shown. */
export const cookieName = "probegrid";

/** What is asked with: the parts of a request that decide. */
export type Asked = {
  readonly host: string | undefined;
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
};

/** What the server was started with. */
export type Guard = {
  /** The address it listens on. */
  readonly host: string;
  /** Null when it listens on this machine only. */
  readonly token: string | null;
};

/** The guard of this process, as the command line set it. */
export function processGuard(): Guard {
  const { PROBEGRID_HOST: host = "127.0.0.1", PROBEGRID_TOKEN: token } = process.env;
  return { host, token: token || null };
}

/** 403 for a name that is not ours (DNS rebinding), 401 without the token, else null. */
export function refusal(asked: Asked, guard: Guard): 401 | 403 | null {
  if (!isOwnHost(asked.host, guard)) return 403;
  if (guard.token === null) return null;
  const bearer = asked.authorization?.match(/^Bearer (.+)$/)?.[1];
  if (bearer !== undefined && sameText(bearer, guard.token)) return null;
  const cookie = cookieOf(asked.cookie);
  return cookie !== undefined && sameText(cookie, cookieValue(guard.token)) ? null : 401;
}

/** Whether an address is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** What the cookie holds: a keyed hash, so that the cookie does not give the token away. */
export function cookieValue(token: string): string {
  return createHmac("sha256", token).update("probegrid dashboard").digest("hex");
}

/** Compares in constant time, whatever the lengths. */
export function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Names by which this server may be called; a foreign name that resolves here is an attack. */
function isOwnHost(header: string | undefined, guard: Guard): boolean {
  const name = header?.match(/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i)?.[1]?.toLowerCase();
  if (name === undefined) return false;
  const bare = name.replace(/^\[|\]$/g, "");
  if (isLoopback(bare)) return true;
  if (isLoopback(guard.host)) return false;
  return bare === guard.host.toLowerCase() || bare === hostname().toLowerCase() || isIP(bare) > 0;
}

function cookieOf(header: string | undefined): string | undefined {
  for (const pair of header?.split(";") ?? []) {
    const [name, value] = pair.trim().split("=");
    if (name === cookieName) return value;
  }
  return undefined;
}

/** @file A fetch that reaches public addresses over https only, whatever a redirect or a name server says. */

import { type LookupAddress, lookup } from "node:dns";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockList, isIP } from "node:net";
import { Readable } from "node:stream";

const redirects = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 10;
const silence = 30_000;

/**
 * A fetch for what lies at or behind `origin`. The origin's own host is as the user chose it (http only on loopback);
 * any other host, reached by redirects, must be public: no loopback, private or link-local address, checked where the
 * connection is made, so that a name can not change its mind in between.
 */
export function guardedFetch(origin: string): typeof fetch {
  const home = new URL(origin);
  return async (input, init = {}) => {
    let url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    for (let hops = 0; hops <= mostRedirects; hops++) {
      checkUrl(url, home);
      const response = await send(url, { ...init, headers, open: url.host === home.host });
      const { location } = response.headers;
      if (!redirects.has(response.statusCode ?? 0) || location === undefined) {
        return toResponse(response);
      }
      response.resume();
      const next = new URL(location, url);
      if (next.origin !== url.origin) headers.delete("authorization");
      url = next;
    }
    throw new Error(`${home.origin}: expected at most ${mostRedirects} redirects`);
  };
}

/** Throws where a URL must not be asked for; `home` is the host that the user named. */
export function checkUrl(url: URL, home: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const own = url.host === home.host;
  if (url.username !== "" || url.password !== "") {
    throw new Error(`${url.origin}: expected a URL without user and password`);
  }
  const plain = url.protocol === "http:" && own && isLoopback(host);
  if (url.protocol !== "https:" && !plain) {
    throw new Error(`${url.origin}${url.pathname}: expected https, got ${url.protocol}//`);
  }
  if (!own && isIP(host) !== 0) refusePrivate(host, host);
}

type Sending = RequestInit & { readonly headers: Headers; readonly open: boolean };

function send(
  url: URL,
  { method, headers, body, signal, open }: Sending,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      method: method ?? "GET",
      headers: Object.fromEntries(headers),
      ...(signal && { signal }),
      ...(!open && { lookup: publicLookup as never }),
    });
    request.setTimeout(silence, () =>
      request.destroy(new Error(`${url.host}: no answer for 30 s`)),
    );
    request.on("response", resolve).on("error", reject);
    request.end(typeof body === "string" ? body : undefined);
  });
}

function toResponse(message: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const status = message.statusCode ?? 500;
  const bodiless = status === 204 || status === 304;
  if (bodiless) message.resume();
  const body = bodiless ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers });
}

type Found = (
  error: Error | null,
  addresses?: readonly LookupAddress[] | string,
  family?: number,
) => void;

/** The system's name lookup, refusing every address that is not public. */
function publicLookup(host: string, options: { readonly all?: boolean }, done: Found): void {
  lookup(host, { all: true }, (error, addresses) => {
    if (error) return done(error);
    try {
      for (const { address } of addresses) refusePrivate(address, host);
    } catch (refusal) {
      return done(refusal as Error);
    }
    if (options.all) return done(null, addresses);
    return done(null, addresses[0]?.address ?? "", addresses[0]?.family ?? 4);
  });
}

function refusePrivate(address: string, host: string): void {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (!notPublic.check(address, family)) return;
  throw new Error(`${host}: expected a public address, got ${address}`);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Loopback, private, link-local, shared, reserved and multicast ranges (IANA special-purpose registries). */
const notPublic = new BlockList();
for (const [range, bits] of [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
  ] as const),
  ...([
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.168.0.0", 16],
  ] as const),
  ...([
    ["198.18.0.0", 15],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ] as const),
]) {
  notPublic.addSubnet(range, bits, "ipv4");
}
for (const [range, bits] of [
  ...([
    ["::", 128],
    ["::1", 128],
    ["::ffff:0:0", 96],
    ["64:ff9b::", 96],
  ] as const),
  ...([
    ["fc00::", 7],
    ["fe80::", 10],
    ["ff00::", 8],
  ] as const),
]) {
  notPublic.addSubnet(range, bits, "ipv6");
}

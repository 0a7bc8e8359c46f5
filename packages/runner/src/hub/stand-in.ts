/** @file A model hub on loopback for tests: the requests that the real client library makes, and ways to go wrong. */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Files by path, per repository: "o/m" for a model, "datasets/o/d" for a dataset. */
export type StandInFiles = Readonly<Record<string, Readonly<Record<string, Buffer>>>>;

export type StandIn = {
  readonly url: string;
  /** Every request, as "GET /path" with its range. */
  readonly requests: string[];
  /** Bytes after which the connection is cut, by file path, once each. */
  readonly cuts: Map<string, number[]>;
  /** Files whose bytes are not what their checksum says. */
  readonly tampered: Set<string>;
  /** Answers of files that go elsewhere, by file path. */
  readonly redirects: Map<string, string>;
  readonly close: () => Promise<void>;
};

export const standInCommit = "1234567890abcdef1234567890abcdef12345678";

/** Files of this many bytes or more are large ones, known by their sha256. */
const large = 1000;

export async function startStandIn(files: StandInFiles): Promise<StandIn> {
  const requests: string[] = [];
  const cuts = new Map<string, number[]>();
  const tampered = new Set<string>();
  const redirects = new Map<string, string>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://hub");
    const range = request.headers.range;
    requests.push(`${request.method} ${pathname}${range === undefined ? "" : ` ${range}`}`);
    const api = /^\/api\/(models|datasets)\/(.+)\/(revision|tree)\/([^/]+)$/.exec(pathname);
    const file = /^\/(.+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
    const repository = api ? `${api[1] === "datasets" ? "datasets/" : ""}${api[2]}` : file?.[1];
    const own = files[repository ?? ""];
    const path = decodeURIComponent(file?.[3] ?? "");
    const elsewhere = redirects.get(path);
    if (own === undefined) return notFound(response, "RepoNotFound");
    if (elsewhere !== undefined) return void response.writeHead(302, { location: elsewhere }).end();
    if (api?.[3] === "revision") return json(response, infoOf(repository ?? ""));
    if (api) return json(response, treeOf(own));
    const bytes = own[path];
    if (bytes === undefined) return notFound(response, "EntryNotFound");
    return send(request, response, {
      bytes: tampered.has(path) ? Buffer.from(bytes.map((byte) => byte ^ 1)) : bytes,
      etag: idOf(bytes),
      cut: range === "bytes=0-0" ? undefined : cuts.get(path)?.shift(),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, requests, cuts, tampered, redirects },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function infoOf(name: string) {
  return { _id: "1", id: name, sha: standInCommit, private: false, lastModified: "2026-01-01" };
}

function treeOf(files: Readonly<Record<string, Buffer>>) {
  return Object.entries(files).map(([path, bytes]) => ({
    ...{ type: "file", path, size: bytes.length, oid: gitHash(bytes) },
    ...(bytes.length >= large && {
      lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 },
    }),
  }));
}

type Sending = { readonly bytes: Buffer; readonly etag: string; readonly cut: number | undefined };

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, etag, cut }: Sending,
): void {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(Number(range?.[2] || bytes.length - 1), bytes.length - 1);
  const part = bytes.subarray(start, end + 1);
  response.writeHead(range ? 206 : 200, {
    "content-length": part.length,
    "content-type": "application/octet-stream",
    etag: `"${etag}"`,
    ...(range && { "content-range": `bytes ${start}-${end}/${bytes.length}` }),
  });
  if (cut === undefined || cut >= part.length) return void response.end(part);
  response.write(part.subarray(0, cut), () => response.socket?.destroy());
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function notFound(response: ServerResponse, code: string): void {
  response.writeHead(404, { "x-error-code": code, "content-type": "application/json" });
  response.end(JSON.stringify({ error: code }));
}

const idOf = (bytes: Buffer): string => (bytes.length >= large ? sha256(bytes) : gitHash(bytes));
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const gitHash = (bytes: Buffer): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

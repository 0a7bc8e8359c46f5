/** @file Hubs and homes that never stop sending, from loopback. */

import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchUrl } from "./data/fetch-url.ts";
import { limitedFetch } from "./limited-fetch.ts";
import { pullModel } from "./pull-model.ts";
import { standInCommit } from "./stand-in.ts";

let cache = "";
let close: () => void = () => {};
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "probegrid-endless-"));
});
afterEach(() => {
  close();
  rmSync(cache, { recursive: true });
});

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, cache, offline: false, token: null };
}

/** Writes for ever, as fast as it is read. */
function flood(response: Parameters<RequestListener>[1]): void {
  const block = Buffer.alloc(2 ** 20, " ");
  const more = (): void => {
    while (!response.destroyed && response.write(block));
  };
  response.on("drain", more);
  more();
}

const info = {
  _id: "1",
  id: "o/m",
  sha: standInCommit,
  private: false,
  lastModified: "2026-01-01",
};
const files = ["config.json", "model.safetensors"].map((path) => ({
  ...{ type: "file", path, size: 100, oid: "1".repeat(40) },
}));

test("an answer without end is refused", async () => {
  const hub = await serve((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    flood(response);
  });
  await expect(pullModel(hub, "o/m")).rejects.toThrow("answers with more than 67108864 bytes");
  const denied = await serve((_, response) => {
    response.writeHead(500, { "content-type": "application/json" });
    flood(response);
  });
  await expect(pullModel(denied, "o/m")).rejects.toThrow("answers with more than 67108864 bytes");
});

test("pages without end are refused", async () => {
  const fetch = limitedFetch(async () => new Response("[]"));
  const ask = async () => {
    for (;;) await fetch("http://hub/api/models/o/m/tree/main");
  };
  await expect(ask()).rejects.toThrow(
    "http://hub/api/models/o/m/tree/main: has more than 10000 pages",
  );
});

test("a file that is longer than was said is refused, and not kept", async () => {
  const hub = await serve(({ url = "" }, response) => {
    if (url.includes("/revision/")) return void response.end(JSON.stringify(info));
    if (url.includes("/tree/")) return void response.end(JSON.stringify(files));
    response.writeHead(206, { etag: `"${files[0]!.oid}"`, "content-range": "bytes 0-99/100" });
    flood(response);
  });
  await expect(pullModel(hub, "o/m")).rejects.toThrow(/o\/m\/.*: sends more than 100 bytes/);
  const sizes = readdirSync(cache, { recursive: true, encoding: "utf8" }).map(
    (name) => statSync(join(cache, name)).size,
  );
  expect(Math.max(...sizes)).toBeLessThan(1e6);
  const home = await serve((_, response) => {
    response.writeHead(206, { "content-range": "bytes 0-99/100" });
    flood(response);
  });
  const target = join(cache, "data.csv");
  await expect(fetchUrl({ url: `${home.endpoint}/data.csv`, target })).rejects.toThrow(
    "/data.csv: sends more than 100 bytes",
  );
});

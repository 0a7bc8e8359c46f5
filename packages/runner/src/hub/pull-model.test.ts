/** @file Pulling models through the real client library, from a hub on loopback that misbehaves. */

import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { downloadFileToCacheDir } from "@huggingface/hub";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openCheckpoint } from "../checkpoint.ts";
import { findModel } from "./find-model.ts";
import { pullModel } from "./pull-model.ts";
import { type HubSettings, hubSettings } from "./settings.ts";
import { type StandIn, standInCommit, startStandIn } from "./stand-in.ts";

const fixture = fileURLToPath(new URL("../../../../test/fixtures/models/bert/", import.meta.url));
const model = Object.fromEntries(
  ["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"].map((name) => [
    name,
    readFileSync(join(fixture, name)),
  ]),
);
const weights = model["model.safetensors"]!;

let stand: StandIn;
let cache = "";
let hub: HubSettings;
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "probegrid-hub-"));
  stand = await startStandIn({
    "owner/tiny": {
      ...model,
      "pytorch_model.bin": Buffer.alloc(5000),
      "README.md": Buffer.from("x"),
    },
  });
  hub = { endpoint: stand.url, cache, offline: false, token: null };
});
afterEach(async () => {
  await stand.close();
  rmSync(cache, { recursive: true });
});

it("pulls configuration, tokenizer and one form of the weights, and opens them", async () => {
  const pulled = await pullModel(hub, "owner/tiny");
  expect(pulled.path).toBe(join(cache, "models--owner--tiny", "snapshots", standInCommit));
  expect(readdirSync(pulled.path).sort()).toEqual(Object.keys(model).sort());
  expect(readFileSync(join(cache, "models--owner--tiny/refs/main"), "utf8")).toBe(standInCommit);
  expect(lstatSync(join(pulled.path, "model.safetensors")).isSymbolicLink()).toBe(true);
  const direct = await openCheckpoint(fixture);
  const { id, name, revision } = await openCheckpoint(findModel("owner/tiny", { hub }));
  expect({ id, name, revision }).toEqual({
    id: direct.id,
    name: "owner/tiny",
    revision: standInCommit,
  });
});

it("fetches nothing twice, and the client library finds what was pulled", async () => {
  const { path } = await pullModel(hub, "owner/tiny");
  const files = () => stand.requests.filter((request) => request.includes("/resolve/")).length;
  const before = files();
  await pullModel(hub, "owner/tiny");
  expect(files()).toBe(before);
  const asked = stand.requests.length;
  const found = await downloadFileToCacheDir({
    ...{ repo: "owner/tiny", path: "model.safetensors", revision: standInCommit },
    ...{ cacheDir: cache, hubUrl: stand.url },
  });
  expect(found).toBe(join(path, "model.safetensors"));
  expect(stand.requests.length).toBe(asked);
});

it("goes on where a connection was cut", async () => {
  stand.cuts.set("model.safetensors", [1000, 2000]);
  const { path } = await pullModel(hub, "owner/tiny");
  expect(readFileSync(join(path, "model.safetensors")).equals(weights)).toBe(true);
  const ranges = stand.requests.filter((request) => /safetensors bytes=[1-9]/.test(request));
  expect(ranges.map((request) => request.split(" ")[2])).toEqual([
    `bytes=1000-${weights.length - 1}`,
    `bytes=3000-${weights.length - 1}`,
  ]);
});

it("keeps what arrived for the next process", async () => {
  stand.cuts.set("model.safetensors", [1000, 0, 0, 0]);
  await expect(pullModel(hub, "owner/tiny")).rejects.toThrow(
    /model\.safetensors: stopped at 1000 of \d+ bytes \(.*\); run again to go on/,
  );
  expect(existsSync(join(cache, "models--owner--tiny/refs/main"))).toBe(false);
  stand.cuts.clear();
  const { path } = await pullModel(hub, "owner/tiny");
  expect(readFileSync(join(path, "model.safetensors")).equals(weights)).toBe(true);
  expect(stand.requests.some((request) => request.includes("bytes=1000-"))).toBe(true);
});

it("refuses a wrong checksum and keeps nothing of it", async () => {
  stand.tampered.add("model.safetensors");
  await expect(pullModel(hub, "owner/tiny")).rejects.toThrow(/model\.safetensors: wrong checksum/);
  const blobs = readdirSync(join(cache, "models--owner--tiny/blobs"));
  expect(blobs.filter((name) => name.length === 64 || name.endsWith(".incomplete"))).toEqual([]);
  rmSync(join(cache, "models--owner--tiny"), { recursive: true });
  stand.tampered.add("config.json");
  await expect(pullModel(hub, "owner/tiny")).rejects.toThrow(/config\.json: wrong checksum/);
});

it("works from the cache when offline, and says what is missing", async () => {
  const offline = { ...hub, offline: true };
  await expect(pullModel(offline, "owner/tiny")).rejects.toThrow(
    /offline, and not in .*holds no model/,
  );
  const { path } = await pullModel(hub, "owner/tiny");
  const asked = stand.requests.length;
  expect((await pullModel(offline, "owner/tiny")).path).toBe(path);
  expect((await pullModel(offline, `owner/tiny@${standInCommit}`)).path).toBe(path);
  await expect(pullModel(offline, "owner/tiny@v2")).rejects.toThrow("does not hold v2");
  expect(() => findModel("owner/other", { hub })).toThrow(
    /model "owner\/other": not found, looked for .* and .*models--owner--other \(probegrid models pull owner\/other downloads it\)/,
  );
  expect(stand.requests.length).toBe(asked);
});

it("sends the token to the hub only, and follows no redirect into a private network", async () => {
  const other = await startStandIn({});
  stand.redirects.set("config.json", `${other.url}/config.json`);
  await expect(pullModel({ ...hub, token: "hf_x" }, "owner/tiny")).rejects.toThrow(
    /expected https, got http/,
  );
  expect(other.requests).toEqual([]);
  await other.close();
  stand.redirects.set("config.json", "https://169.254.169.254/latest/meta-data");
  await expect(pullModel(hub, "owner/tiny")).rejects.toThrow(
    "169.254.169.254: expected a public address, got 169.254.169.254",
  );
  stand.redirects.set("config.json", "https://localhost/config.json");
  await expect(pullModel(hub, "owner/tiny")).rejects.toThrow(
    /localhost: expected a public address/,
  );
});

it.each([
  ["../../etc", /expected a name on the hub/],
  ["a/b/c", /expected a name on the hub/],
  ["owner/tiny@../x", /expected a branch, tag or commit/],
  ["owner/absent", /not found on http.* or not open to everyone/],
])("refuses %s", async (id, message) => {
  await expect(pullModel(hub, id)).rejects.toThrow(message);
});

it("refuses plain http to any host that is not loopback", async () => {
  const far = { ...hub, endpoint: "http://hub.example.org" };
  await expect(pullModel(far, "owner/tiny")).rejects.toThrow(/expected https, got http/);
});

it("reads the environment as Python does", () => {
  expect(hubSettings({ HF_HOME: "/a", HF_ENDPOINT: "https://mirror/" })).toEqual({
    ...{ endpoint: "https://mirror", cache: "/a/hub", offline: false, token: null },
  });
  expect(hubSettings({ HF_HUB_CACHE: "/b", HF_HOME: "/a", HF_HUB_OFFLINE: "true" })).toMatchObject({
    ...{ cache: "/b", offline: true },
  });
  expect(hubSettings({ XDG_CACHE_HOME: "/c" }).cache).toBe("/c/huggingface/hub");
  expect(hubSettings({ HUGGINGFACE_HUB_CACHE: "/d", HF_HUB_OFFLINE: "0" })).toMatchObject({
    ...{ cache: "/d", offline: false },
  });
});

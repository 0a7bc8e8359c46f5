import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test, vi } from "vitest";
import { recordedCommand } from "../command-line.ts";
import { type Notice, sendNotice } from "./notice.ts";
import { watchStall } from "./watch-stall.ts";
import { withNotice } from "./with-notice.ts";

const notice: Notice = {
  event: "ended",
  experiment: "it's $(touch x)",
  outcome: "done",
  text: "done",
};
const quiet = { line: () => {}, progress: () => {}, finish: () => {} };

type Served = { readonly server: Server; readonly address: string; readonly body: Promise<string> };

async function serve(status: number, headers = {}): Promise<Served> {
  const server = createServer();
  const body = once(server, "request").then(async ([request, response]) => {
    const told = await text(request);
    response.writeHead(status, headers).end();
    return told;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    body,
  };
}

test("posts JSON to a web hook", async () => {
  const { server, address, body } = await serve(200);
  expect(await sendNotice(address, notice)).toBe(null);
  expect(JSON.parse(await body)).toEqual(notice);
  server.close();
});

test("says why nobody was told, and follows no redirection", async () => {
  const broken = await serve(500);
  expect(await sendNotice(broken.address, notice)).toBe("the web hook answered 500");
  const leading = await serve(302, { location: broken.address });
  expect(await sendNotice(leading.address, notice)).toMatch(/fetch failed|redirect/);
  expect(await sendNotice("exit 3", notice)).toBe("the command ended with 3");
  broken.server.close();
  leading.server.close();
});

test("waits so long for a web hook or a command and no longer, whatever they do", async () => {
  const silent = createServer(() => {}); // takes the request and never answers
  const dripping = createServer((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x"), 10); // answers, and never ends
    response.on("close", () => clearInterval(timer));
  });
  const addressOf = async (server: Server): Promise<string> => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-token`;
  };
  expect(await sendNotice(await addressOf(silent), notice, 300)).toMatch(/timeout|aborted/i);
  expect(await sendNotice(await addressOf(dripping), notice, 5000)).toBe(null);
  for (const server of [silent, dripping]) {
    server.closeAllConnections();
    server.close();
  }
  expect(await sendNotice("trap '' TERM; sleep 600 & wait; sleep 600", notice, 300)).toBe(
    "the command ended with SIGKILL",
  );
});

test("sends what an address holds of a secret in a header, and says it to nobody", async () => {
  process.env.PROBEGRID_TEST_SECRET = "of-the-environment";
  const { server, address } = await serve(200);
  const asked = once(server, "request");
  expect(await sendNotice(address.replace("//", "//me:p%40ss@"), notice)).toBe(null);
  const [{ headers, url }] = await asked;
  expect(headers.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  expect(JSON.stringify([headers, url])).not.toContain("of-the-environment");
  server.close();
  for (const bad of ["http://me:p4ss@", "http://me:p4ss@127.0.0.1:1/t0ken", "https://[t0ken"]) {
    expect(await sendNotice(bad, notice)).not.toMatch(/p4ss|t0ken/);
  }
  delete process.env.PROBEGRID_TEST_SECRET;
});

test("gives a command the notice as data, never as part of its line", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "probegrid-notify-")), "notice.json");
  expect(await sendNotice(`cat > ${file}`, notice)).toBe(null);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(notice);
});

test("tells how a run ended, also when it threw, and throws on", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "probegrid-notify-")), "notice.json");
  const options = { target: `cat >> ${file}`, experiment: "e", log: quiet };
  expect(await withNotice(options, async () => "failed")).toBe("failed");
  await expect(withNotice(options, () => Promise.reject(new Error("full")))).rejects.toThrow(
    "full",
  );
  const said = readFileSync(file, "utf8").trim().split("\n");
  expect(said.map((line) => JSON.parse(line).outcome)).toEqual(["failed", "error"]);
});

test("notices that nothing moves, once, and again after it moved", () => {
  vi.useFakeTimers();
  const stalled = vi.fn();
  const { log, end } = watchStall(quiet, stalled, 1000);
  const shown = { ...{ total: 9, unit: "trials", share: 0, failed: 0 }, rate: null };
  const show = (done: number) => log.progress("probe", { ...shown, done, secondsLeft: null });
  show(1);
  vi.advanceTimersByTime(900);
  show(2);
  vi.advanceTimersByTime(900);
  show(2);
  expect(stalled).toHaveBeenCalledTimes(0);
  vi.advanceTimersByTime(5000);
  expect(stalled).toHaveBeenCalledTimes(1);
  show(3);
  vi.advanceTimersByTime(1000);
  expect(stalled).toHaveBeenCalledTimes(2);
  end();
  vi.useRealTimers();
});

test("records a command line without its secrets", () => {
  const args = ["run", "e.ts", "--notify", "https://hooks/T0K3N", "--token=abc", "--workers", "2"];
  expect(recordedCommand(args)).toBe("probegrid run e.ts --notify *** --token=*** --workers 2");
});

/** @file Attacks that touch the web: foreign hosts, missing tokens, hostile text, invented names. */

import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, startDashboard, storeFolder, test } from "./fixtures.ts";
import { hostile } from "./make-stores.ts";

type Answer = {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
};

/** A request as a browser would not send it. */
function send(
  address: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(address);
  return new Promise((done, failed) => {
    const { method = "GET", headers = {}, body = "" } = options;
    const asked = request({ hostname, port, path, method, headers }, (answer) => {
      let text = "";
      answer.on("data", (data) => {
        text += data;
      });
      answer.on("end", () =>
        done({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
      );
    });
    asked.once("error", failed);
    asked.end(body);
  });
}

test("answers to no foreign host", async ({ baseURL }) => {
  for (const host of [
    "evil.example",
    "evil.example:4300",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
  ]) {
    for (const path of ["/", "/api/trials", "/export/csv", "/_next/static/x.js"]) {
      expect((await send(baseURL ?? "", path, { headers: { host } })).status).toBe(403);
    }
  }
  expect((await send(baseURL ?? "", "/", { headers: { host: "localhost:9" } })).status).toBe(200);
});

test("sets a strict policy on pages and answers, and opens nothing to other origins", async ({
  baseURL,
}) => {
  for (const path of ["/", "/compare", "/api/version", "/export/csv", "/nowhere"]) {
    const { headers } = await send(baseURL ?? "", path, {
      headers: { origin: "http://evil.example" },
    });
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]{24}';/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["access-control-allow-origin"]).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
  }
});

test("has no route that writes or starts anything", async ({ baseURL }) => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    for (const path of ["/", "/compare", "/api/trials", "/api/live", "/export/csv"]) {
      expect((await send(baseURL ?? "", path, { method })).status).toBe(405);
    }
  }
  const headers = { "next-action": "00".repeat(20), "content-type": "text/plain;charset=UTF-8" };
  const flight = await send(baseURL ?? "", "/", {
    method: "POST",
    headers,
    body: '["$1:__proto__:then"]',
  });
  expect(flight.status).toBe(405);
});

test("checks the names that come in URLs", async ({ baseURL }) => {
  const address = baseURL ?? "";
  for (const sort of [
    "mean",
    "score;drop table trials",
    "score desc, (select 1)",
    "__proto__",
    "constructor",
  ]) {
    const { status, body } = await send(address, `/api/trials?sort=${encodeURIComponent(sort)}`);
    expect(status).toBe(400);
    expect(JSON.parse(body).error).toContain("trials: unknown sort");
  }
  for (const path of [
    "/export/..%2f..%2fetc%2fpasswd",
    "/export/%252e%252e",
    "/export/constructor",
    "/trials/..%2f..%2fx",
    "/trials/%00",
    "/;/../etc/passwd",
  ]) {
    const { status } = await send(address, path);
    expect([400, 404, 405]).toContain(status);
  }
  const odd =
    '/api/trials?dataset=\';drop--&metric=x\'%20or%201=1&find=%25_!\'"&select={"__proto__":[1],"layer":["0) or (1=1"]}&offset=-1&limit=99999999999';
  const { status, body } = await send(address, encodeURI(decodeURI(odd)));
  expect(status).toBe(200);
  expect(JSON.parse(body).rows).toEqual([]);
});

test("takes a filter for plain words, however costly it looks", async ({ baseURL }) => {
  const costly = [
    "(a+)+$",
    "(.*a){25}!",
    "%".repeat(500),
    `${"%a".repeat(400)}b`,
    "_%".repeat(400),
    `${"a ".repeat(1500)}`,
  ];
  for (const find of costly) {
    const begun = performance.now();
    const { status, body } = await send(
      baseURL ?? "",
      `/api/trials?find=${encodeURIComponent(find)}`,
    );
    expect(status).toBeLessThan(500);
    if (status === 200 && !/^(a )+$/.test(find)) expect(JSON.parse(body).rows).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(5000);
  }
});

test("goes on answering others while a visitor never reads", async ({ baseURL }) => {
  const { hostname, port, host } = new URL(baseURL ?? "");
  const idle = Array.from({ length: 20 }, () => {
    const socket = connect(Number(port), hostname);
    socket.pause(); // the kernel's buffers fill, and then the server has to wait
    socket.write(`GET /export/folds.csv HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return socket;
  });
  try {
    await new Promise((done) => setTimeout(done, 1000));
    for (const path of ["/api/version", "/api/live", "/"]) {
      const begun = performance.now();
      expect((await send(baseURL ?? "", path)).status).toBe(200);
      expect(performance.now() - begun).toBeLessThan(5000);
    }
  } finally {
    for (const socket of idle) socket.destroy();
  }
});

test("never renders stored text as markup", async ({ page }) => {
  for (const path of [
    "/",
    "/compare",
    "/compare?show=curve,heat,multiples,parallel,size,trials&x=dataset",
    "/live",
  ]) {
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.title()).not.toBe("1");
  }
  await page.goto("/compare?show=trials");
  await page.getByRole("searchbox", { name: "Filter trials" }).fill("HYPERLINK");
  await expect(page.locator("[data-total]")).toHaveText("30 trials");
  await page.getByRole("grid").getByRole("row").nth(1).click();
  await expect(page.getByRole("img", { name: /Confusion matrix/ })).toContainText(
    "<img src=x onerr",
  );
  expect(await page.locator("img").count()).toBe(0);
  expect(hostile.markup).toContain("onerror");
});

test("asks for its token, compares it, trades it for a cookie, and never prints it", async ({
  page,
  context,
}) => {
  const token = "correct horse battery staple";
  const server = await startDashboard(
    join(storeFolder(), "done.db"),
    "--host",
    "0.0.0.0",
    "--token",
    token,
  );
  try {
    const { address } = server;
    for (const path of [
      "/",
      "/compare",
      "/api/trials",
      "/api/live",
      "/export/csv",
      "/trials/x",
      "/_next/static/x.js",
    ]) {
      expect((await send(address, path)).status).toBe(401);
      const sneaky = {
        "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy",
        "x-forwarded-host": "localhost",
      };
      expect((await send(address, path, { headers: sneaky })).status).toBe(401);
      expect(
        (
          await send(address, path, {
            headers: { cookie: "probegrid=x", authorization: "Bearer x" },
          })
        ).status,
      ).toBe(401);
    }
    expect((await send(address, "/?token=wrong")).status).toBe(401);
    expect(
      (await send(address, "/api/version", { headers: { authorization: `Bearer ${token}` } }))
        .status,
    ).toBe(200);
    await page.goto(`${address}/compare?token=${encodeURIComponent(token)}&metric=f1`);
    await expect(page).toHaveURL(`${address}/compare?metric=f1`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(cookie?.value).not.toContain("horse");
    expect(server.output()).not.toContain("horse");
    expect((await send(address, "/", { headers: { host: "evil.example" } })).status).toBe(403);
    await page.close();
  } finally {
    await server.stop();
  }
});

/** Sends bytes as they are, and returns the status of the answer; 0 where the connection just ends. */
function sendRaw(address: string, head: string): Promise<number> {
  const { hostname, port, host } = new URL(address);
  return new Promise((done) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (data) => {
      text += data;
    });
    socket.once("close", () => done(Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 0)));
    socket.on("error", () => undefined); // it may be closed before all is sent
    socket.write(`${head}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

test("survives addresses that can not be read, with and without a token", async ({ baseURL }) => {
  const guarded = await startDashboard(
    ...[join(storeFolder(), "done.db"), "--host", "0.0.0.0", "--token", "open sesame"],
  );
  try {
    for (const address of [baseURL ?? "", guarded.address]) {
      const own = address === baseURL ? 200 : 401;
      for (const path of [
        ...["//", "//[", "/\\[", "//evil.example/", "http://[", "http://evil.example/", "*"],
        ...["/%", "/trials/%ff", "/trials/%E0%A4%A", "/%c0%ae%c0%ae/etc/passwd"],
      ]) {
        expect([path, await sendRaw(address, `GET ${path} HTTP/1.1`)]).toEqual([path, 400]);
      }
      // Broken bytes in the query are replaced, a query beyond what HTTP allows is cut off.
      expect(await sendRaw(address, "GET /compare?token%ff=%ff&dataset=%ff HTTP/1.1")).toBe(own);
      expect(await sendRaw(address, `GET /compare?find=${"a".repeat(15_000)} HTTP/1.1`)).toBe(own);
      expect(await sendRaw(address, `GET /?${"a".repeat(20_000)} HTTP/1.1`)).toBe(431);
      expect((await send(address, "/api/version")).status).toBe(own);
    }
    const link = "/.//evil.example/?token=open%20sesame";
    const { status, headers } = await send(guarded.address, link);
    expect([status, headers.location]).toEqual([303, "/evil.example/"]);
  } finally {
    await guarded.stop();
  }
});

test("refuses to start for others without a token, on a taken port, on what is no store", async ({
  baseURL,
}) => {
  const done = join(storeFolder(), "done.db");
  const open = await startDashboard(done, "--host", "0.0.0.0");
  expect(open.output()).toContain("needs --token");
  const taken = await startDashboard(done, "--port", new URL(baseURL ?? "").port);
  expect(taken.output()).toContain("is taken by another program, choose a free one with --port");
  const wrong = await startDashboard(join(storeFolder(), "browser.json"));
  expect(wrong.output()).toContain("expected a Probegrid store");
});

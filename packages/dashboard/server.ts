/** @file The production server: refuses what it must, sets the security headers, and hands the rest to Next. */

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import next from "next";
import { cookieName, cookieValue, processGuard, refusal, sameText } from "./lib/access.ts";
import { refusalPage } from "./lib/refusal-page.ts";

const development = process.env.NODE_ENV === "development";
const guard = processGuard();
const port = Number(process.env.PROBEGRID_PORT ?? 4300);

const app = next({
  dev: development,
  dir: fileURLToPath(new URL(".", import.meta.url)),
  hostname: guard.host,
  port,
});
const server = createServer(answer);
server.once("error", (error: NodeJS.ErrnoException) => {
  process.stderr.write(`dashboard: can not listen on ${guard.host}:${port}, ${error.code}\n`);
  process.exit(error.code === "EADDRINUSE" ? 98 : 1);
});
await app.prepare();
const pass = app.getRequestHandler();
server.listen(port, guard.host, () => {
  process.send?.({ listening: port });
  // The first visitor should not wait for the numbers to be read into memory.
  if (!development) setTimeout(() => warmUp(), 50);
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const policy = setHeaders(response);
  const { host, cookie, authorization } = request.headers;
  const refused = refusal({ host, cookie, authorization }, guard);
  if (refused === 403) return refusalPage(response, 403);
  const token = tokenOf(request);
  if (token !== null) return exchangeToken(request, response, token);
  if (refused === 401) return refusalPage(response, 401);
  if (request.method !== "GET" && request.method !== "HEAD") return refusalPage(response, 405);
  // Next trusts some headers between its own layers; from outside they are lies.
  for (const name of ["x-middleware-subrequest", "x-nextjs-data", "next-action"]) {
    delete request.headers[name];
  }
  request.headers["content-security-policy"] = policy; // Next takes the nonce from here
  pass(request, response).catch((error: unknown) => {
    process.stderr.write(`dashboard: ${error instanceof Error ? error.stack : error}\n`);
    if (!response.headersSent) refusalPage(response, 500);
  });
}

/** A link with ?token= trades it for a cookie at once, so that it stays in no history and no referrer. */
function exchangeToken(request: IncomingMessage, response: ServerResponse, token: string): void {
  if (guard.token === null || !sameText(token, guard.token)) return refusalPage(response, 401);
  const url = new URL(request.url ?? "/", "http://local");
  url.searchParams.delete("token");
  const value = `${cookieName}=${cookieValue(guard.token)}; HttpOnly; SameSite=Strict; Path=/`;
  response.writeHead(303, { "Set-Cookie": value, Location: `${url.pathname}${url.search}` });
  response.end();
}

function tokenOf(request: IncomingMessage): string | null {
  if (guard.token === null) return null;
  return new URL(request.url ?? "/", "http://local").searchParams.get("token");
}

/** Sets the headers every answer carries and returns the content policy. */
function setHeaders(response: ServerResponse): string {
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'${development ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' ${development ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  response.setHeader("Content-Security-Policy", policy);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("X-Frame-Options", "DENY");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
  return policy;
}

function warmUp(): void {
  const authorization = guard.token === null ? {} : { authorization: `Bearer ${guard.token}` };
  const host = guard.host === "0.0.0.0" || guard.host === "::" ? "127.0.0.1" : guard.host;
  const name = host.includes(":") ? `[${host}]` : host;
  fetch(`http://${name}:${port}/compare`, { headers: authorization })
    .then((page) => page.text())
    .catch(() => undefined);
}

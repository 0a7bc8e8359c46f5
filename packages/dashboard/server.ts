/** @file The production server: refuses what it must, sets the security headers, and hands the rest to Next. */

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import next from "next";
import {
  cookieName,
  cookieValue,
  isLoopback,
  processGuard,
  refusal,
  sameText,
} from "./lib/access.ts";
import { foldPiecesOfThreads } from "./lib/fold-threads.ts";
import { refusalPage } from "./lib/refusal-page.ts";

const guard = processGuard();
Object.assign(globalThis, { probegridFoldThreads: foldPiecesOfThreads });
const port = Number(process.env.PROBEGRID_PORT ?? 4300);
const app = next({
  dev: false,
  dir: fileURLToPath(new URL(".", import.meta.url)),
  hostname: guard.host,
  port,
});
const pass = app.getRequestHandler();
const server = createServer(answer);

/** Listens where the environment says, and returns the address; throws where it may not, or can not. */
export async function serve(): Promise<string> {
  if (!isLoopback(guard.host) && guard.token === null) {
    throw new Error(`dashboard: others can reach ${guard.host}, so it needs --token as well`);
  }
  await quietly(() => app.prepare());
  await new Promise<void>((listening, failed) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const place = `${guard.host}:${port}`;
      const why =
        error.code === "EADDRINUSE"
          ? `${place} is taken by another program, choose a free one with --port`
          : `can not listen on ${place}, ${error.message}`;
      failed(new Error(`dashboard: ${why}`));
    });
    server.listen(port, guard.host, listening);
  });
  // The first visitor should not wait for the numbers to be read into memory, nor anybody long for the address.
  await Promise.race([warmUp(), sleep(headStart, undefined, { ref: false })]);
  return addressOf(guard.host);
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const policy = setHeaders(response);
  const status = statusOf(request);
  if (status === 303) leaveToken(request, response);
  else if (status !== 200) refusalPage(response, status);
  else render(request, response, policy);
}

/** What a request gets: a refusal, a cookie for its token, or a page. */
function statusOf(request: IncomingMessage): 200 | 303 | 400 | 401 | 403 | 405 {
  const { host, cookie, authorization } = request.headers;
  const refused = refusal({ host, cookie, authorization }, guard);
  if (refused === 403) return 403;
  if (!isReadable(request.url)) return 400;
  const token = tokenOf(request);
  if (token !== null) return sameText(token, guard.token ?? "") ? 303 : 401;
  if (refused === 401) return 401;
  return request.method === "GET" || request.method === "HEAD" ? 200 : 405;
}

function render(request: IncomingMessage, response: ServerResponse, policy: string): void {
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
function leaveToken(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(`http://local${request.url}`);
  url.searchParams.delete("token");
  const value = `${cookieName}=${cookieValue(guard.token ?? "")}; HttpOnly; SameSite=Strict; Path=/`;
  response.writeHead(303, {
    "Set-Cookie": value,
    Location: `${url.pathname.replace(/^\/+/, "/")}${url.search}`,
  });
  response.end();
}

function tokenOf(request: IncomingMessage): string | null {
  if (guard.token === null) return null;
  return new URL(`http://local${request.url}`).searchParams.get("token");
}

/** Whether a path can be taken apart: nobody may end the server with one that can not. */
function isReadable(path: string | undefined): boolean {
  if (path === undefined || !/^\/(?![/\\])/.test(path)) return false;
  try {
    decodeURIComponent(path.split("?", 1)[0] ?? "");
    return URL.canParse(`http://local${path}`);
  } catch {
    return false;
  }
}

/** Sets the headers every answer carries and returns the content policy. */
function setHeaders(response: ServerResponse): string {
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
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

/** Next tells of its own start on the standard output, where only the address belongs; errors go elsewhere. */
async function quietly(work: () => Promise<void>): Promise<void> {
  const { log } = console;
  console.log = () => undefined;
  try {
    await work();
  } finally {
    console.log = log;
  }
}

/** Milliseconds that the pages may be made ready before their address is told. */
const headStart = 800;

async function warmUp(): Promise<void> {
  const headers = guard.token === null ? {} : { authorization: `Bearer ${guard.token}` };
  await fetch(`${addressOf(guard.host)}/api/version`, { headers }).catch(() => undefined);
  await fetch(`${addressOf(guard.host)}/compare`, { headers })
    .then((page) => page.text())
    .catch(() => undefined); // a page that fails says so to its visitor
}

/** What to type into a browser on this machine. */
function addressOf(host: string): string {
  const bound = server.address();
  const real = typeof bound === "object" && bound !== null ? bound.port : port;
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${real}`;
}

/** @file `probegrid dashboard`: builds the web pages when they are not built yet, serves them, prints the address. */

import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildDashboard } from "../dashboard-build.ts";
import { messageOf } from "../errors.ts";
import { openStore, StoreError } from "../store/index.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

/** Where the web pages lie; they import the store's read side, nothing of ours imports them. */
const folder = fileURLToPath(new URL("../../../dashboard/", import.meta.url));

export const dashboardCommand = defineCommand({
  command: "dashboard",
  describe: "Compare layers and poolings in the browser, live",
  builder: (yargs) =>
    yargs
      .option("store", storeOption)
      .option("port", { type: "number", default: 4300, requiresArg: true, describe: "Port" })
      .option("host", {
        type: "string",
        default: "127.0.0.1",
        requiresArg: true,
        describe: "Address to listen on; any other than this machine's own needs --token",
      })
      .option("token", {
        type: "string",
        requiresArg: true,
        describe: "Ask visitors for this token (or set PROBEGRID_TOKEN)",
      })
      .option("open", { type: "boolean", default: false, describe: "Open the browser too" })
      .example("$0 dashboard", "look at logs/probegrid.db, also while a run writes")
      .example("$0 dashboard --store copied.db --port 4301", "look at another store"),
  handler: async ({ store, port, host, token, open }) => {
    const file = resolve(store);
    checkStore(file);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new Error(`dashboard: expected a port from 0 to 65535, got ${port}`);
    }
    await buildDashboard(folder);
    const server = startServer({
      PROBEGRID_STORE: file,
      PROBEGRID_PORT: String(port),
      PROBEGRID_HOST: host,
      PROBEGRID_TOKEN: token ?? process.env.PROBEGRID_TOKEN ?? "",
    });
    const address = await addressOf(server);
    process.stdout.write(`dashboard of ${store}: ${address}\nCtrl-C stops it\n`);
    if (open) openBrowser(address);
    await ended(server);
  },
});

/** A store that is not there yet is fine, the pages say so; a file that is no store is not. */
function checkStore(file: string): void {
  try {
    openStore(file, { readonly: true }).close();
  } catch (error) {
    if (error instanceof StoreError && error.code === "missing") return;
    throw error;
  }
}

/** Settings travel in the environment, where other users of the machine do not see the token. */
function startServer(settings: Readonly<Record<string, string>>): ChildProcess {
  const args = ["--import", import.meta.resolve("tsx"), resolve(folder, "server.ts")];
  const server = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, NODE_ENV: "production", ...settings },
    stdio: ["ignore", "ignore", "inherit", "ipc"], // Next's small talk goes to stdout
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.kill());
  return server;
}

type News = { readonly address: string } | { readonly error: string };

/** The address once it answers; throws what the server says when it can not start. */
function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((listening, failed) => {
    server.once("message", (news: News) => {
      if ("address" in news) listening(news.address);
      else failed(new Error(news.error));
    });
    server.once("error", failed);
    server.once("exit", (code) =>
      failed(new Error(`dashboard: the server ended with code ${code}`)),
    );
  });
}

function ended(server: ChildProcess): Promise<void> {
  return new Promise((done) => {
    server.once("exit", () => done());
  });
}

function openBrowser(address: string): void {
  const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
    darwin: ["open"],
    win32: ["cmd", "/c", "start", ""],
  };
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  const opener = spawn(command, [...args, address], { stdio: "ignore", detached: true });
  opener.once("error", (error) => {
    process.stderr.write(`dashboard: no browser could be opened (${messageOf(error)})\n`);
  });
  opener.unref();
}

/** @file `probegrid dashboard`: builds the web pages when they are not built yet, serves them, prints the address. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildDashboard } from "../dashboard-build.ts";
import { messageOf } from "../errors.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

/** Where the web pages lie; they import the store's read side, and are loaded by name when they are to be served. */
const folder = fileURLToPath(new URL("../../../dashboard/", import.meta.url));

export const dashboardCommand = defineCommand({
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
    await checkStore(file);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new Error(`dashboard: expected a port from 0 to 65535, got ${port}`);
    }
    await buildDashboard(folder);
    Object.assign(process.env, {
      NODE_ENV: "production",
      PROBEGRID_STORE: file,
      PROBEGRID_PORT: String(port),
      PROBEGRID_HOST: host,
      PROBEGRID_TOKEN: token ?? process.env.PROBEGRID_TOKEN ?? "",
    });
    const server = (await import(pathToFileURL(resolve(folder, "server.ts")).href)) as Server;
    const address = await server.serve();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit());
    process.stdout.write(`dashboard of ${store}: ${address}\nCtrl-C stops it\n`);
    if (open) openBrowser(address);
  },
});

/** Listens, and returns the address; settings come from the environment, as its pages read them. */
type Server = { readonly serve: () => Promise<string> };

/** A store that is not there yet is fine, the pages say so; a file that is no store is not. */
async function checkStore(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const { openStore } = await import("../store/open.ts");
  openStore(file, { readonly: true }).close();
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

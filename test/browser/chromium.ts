/** @file Finds the browser that tests and measurements use: Debian's chromium, or one named in CHROMIUM. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Settings without which a browser in a container does not start, or calls home. */
export const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;

/** Path of a browser; installs Debian's when there is none and we may. */
export function findChromium(): string {
  const named = process.env.CHROMIUM;
  if (named !== undefined) {
    if (existsSync(named)) return named;
    throw new Error(`chromium: CHROMIUM names ${named}, which does not exist`);
  }
  const found = places.find((place) => existsSync(place)) ?? installed();
  if (found !== undefined) return found;
  throw new Error(
    "chromium: none found; install it (apt-get install chromium), or set CHROMIUM to the path of a Chrome or Chromium",
  );
}

/** On Debian, as root, the browser is one package away. */
function installed(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  const apt = (...args: readonly string[]) =>
    execFileSync("apt-get", args, {
      stdio: "inherit",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update", "-q");
  apt("install", "-y", "-q", "--no-install-recommends", "chromium");
  return places.find((place) => existsSync(place));
}

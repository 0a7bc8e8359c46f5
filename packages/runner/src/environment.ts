/** @file Versions, machine and device under which something is computed. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { dirname, join } from "node:path";

/** Plain details for the store; equal on every run of the same software on the same machine. */
export function describeEnvironment(device: string): Readonly<Record<string, unknown>> {
  const processors = cpus();
  return {
    probegrid: ownVersion(),
    node: process.versions.node,
    onnxruntime: installedVersion("onnxruntime-node"),
    platform: `${platform()} ${release()} ${arch()}`,
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memory: totalmem(),
    device,
  };
}

/** The version of Probegrid. */
export function ownVersion(): string {
  return versionAt(new URL("../package.json", import.meta.url));
}

/** The version in the package.json above a package's entry file, which exports may hide. */
function installedVersion(name: string): string {
  const require = createRequire(new URL("../../probes/package.json", import.meta.url));
  for (let folder = dirname(require.resolve(name)); ; folder = dirname(folder)) {
    const version = versionAt(join(folder, "package.json"), name);
    if (version !== "unknown" || folder === dirname(folder)) return version;
  }
}

function versionAt(file: string | URL, name?: string): string {
  try {
    const found = JSON.parse(readFileSync(file, "utf8")) as { name?: string; version?: string };
    return name === undefined || found.name === name ? (found.version ?? "unknown") : "unknown";
  } catch {
    return "unknown";
  }
}

/** @file The README's file tree and commands are true. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const readme = readFileSync(join(root, "README.md"), "utf8");

/** Paths of the tree under "## Files", nested lines joined to their parent. */
function treePaths(): readonly string[] {
  const tree = readme.split("## Files")[1]!.split("```")[1]!;
  let parent = "";
  return tree
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const name = line.trim().split(/\s+/)[0]!;
      if (line.startsWith("  ")) return join(parent, name);
      parent = name;
      return name;
    });
}

it("names only what is there", () => {
  const paths = treePaths();
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it("names every folder of the packages' sources", () => {
  const paths = new Set(treePaths().map((path) => path.replace(/\/$/, "")));
  const folders = ["packages/probes/src", "packages/runner/src"].flatMap((source) =>
    readdirSync(join(root, source), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${source}/${entry.name}`),
  );
  expect(folders.filter((folder) => !paths.has(folder))).toEqual([]);
});

it("shows only commands that exist", () => {
  const commands = readdirSync(join(root, "packages/runner/src/commands")).join(" ");
  const shown = [...readme.matchAll(/npx probegrid ([a-z]+)/g)].map((match) => match[1]!);
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.filter((name) => !commands.includes(`${name}.ts`))).toEqual([]);
});

import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { resolveDevice } from "./device.ts";

/** Software Vulkan as Debian's chromium carries it. */
const software = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (process.env.VK_DRIVER_FILES === undefined && existsSync(software)) {
  process.env.VK_DRIVER_FILES = software;
}

test("says of auto which device it is, and why not the others", async () => {
  const lines: string[] = [];
  const device = await resolveDevice("auto", (line) => lines.push(line));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    device === "cuda" ? /^device: cuda \(cuda agrees/ : /^device: \w+ \(cuda: .+; /,
  );
});

test("says nothing about a device that needs no finding out", async () => {
  const lines: string[] = [];
  expect(await resolveDevice("cpu", (line) => lines.push(line))).toBe("cpu");
  expect(lines).toEqual([]);
});

const answers = await resolveDevice("webgpu").then(
  () => true,
  () => false,
);

test.skipIf(!answers)(
  "compares a small graph on WebGPU with the CPU (skipped where no adapter answers)",
  async () => {
    const lines: string[] = [];
    expect(await resolveDevice("webgpu", (line) => lines.push(line))).toBe("webgpu");
    expect(lines).toEqual(["device: webgpu, which agrees with the CPU"]);
  },
);

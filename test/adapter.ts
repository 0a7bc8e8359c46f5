/** @file Whether WebGPU can be tested here: on a hardware adapter, or on chromium's software one. */

import { existsSync } from "node:fs";
import * as g from "@probegrid/probes/graph";

/** Software Vulkan as Debian's chromium carries it. */
const software = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** True where an adapter answers. */
export async function findAdapter(): Promise<boolean> {
  if (process.env.VK_DRIVER_FILES === undefined && existsSync(software)) {
    process.env.VK_DRIVER_FILES = software;
  }
  const doubled = g.scale(g.input("x", [1]), 2);
  const feeds = { x: { data: Float32Array.of(1), shape: [1] } };
  return await g.evaluate({ doubled }, feeds, { device: "webgpu" }).then(
    () => true,
    () => false,
  );
}

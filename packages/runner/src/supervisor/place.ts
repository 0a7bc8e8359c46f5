/** @file A place where a worker computes models: a kind of device, and which one where there are several. */

import type { Device } from "@probegrid/probes";
import { ExperimentError } from "../errors.ts";

export type Place = { readonly device: Device; readonly index: number };

/** Most workers that `--devices` may ask for. */
const most = 64;

export function formatPlace({ device, index }: Place): string {
  return `${device}:${index}`;
}

/** Reads `cuda:0,cuda:1`; a kind without a number is its first device. All have to be of one kind. */
export function parsePlaces(text: string): readonly Place[] {
  const places = text.split(",").map((part): Place => {
    const [, device, index = "0"] =
      /^(cpu|webgpu|cuda|tfjs)(?::(\d{1,3}))?$/.exec(part.trim()) ?? [];
    if (device === undefined) {
      throw new ExperimentError(
        `--devices: expected devices such as cuda:0,cuda:1 (cpu, webgpu, cuda or tfjs), got ${JSON.stringify(part)}`,
      );
    }
    return { device: device as Device, index: Number(index) };
  });
  const names = places.map(formatPlace);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ExperimentError(`--devices: ${twice} is named twice`);
  const kinds = new Set(places.map(({ device }) => device));
  if (kinds.size > 1) {
    throw new ExperimentError(
      `--devices: expected devices of one kind, whose numbers agree to the bit, got ${[...kinds].join(" and ")}`,
    );
  }
  if (kinds.has("webgpu") && places.some(({ index }) => index > 0)) {
    throw new ExperimentError(
      "--devices: webgpu knows one adapter, the one its driver puts first; expected webgpu:0",
    );
  }
  if (places.length > most) {
    throw new ExperimentError(`--devices: expected at most ${most}, got ${places.length}`);
  }
  return places;
}

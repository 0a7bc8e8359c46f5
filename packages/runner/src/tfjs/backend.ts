/** @file Chooses and starts a backend of tfjs: a GPU by TensorFlow where the user installed it, else wasm. */

import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";

/** TensorFlow with CUDA (from @tensorflow/tfjs-node-gpu), WebAssembly, and plain JavaScript. */
export const tfjsBackends = ["tensorflow", "wasm", "cpu"] as const;
export type TfjsBackend = (typeof tfjsBackends)[number];

/** Never installed by us: its native library comes from the network, and it needs CUDA 11. */
const optional = "@tensorflow/tfjs-node-gpu";

/** True where the user has installed @tensorflow/tfjs-node-gpu beside this project. */
export function hasTensorflow(): boolean {
  try {
    createRequire(import.meta.url).resolve(optional);
    return true;
  } catch {
    return false;
  }
}

let registered: Promise<void> | undefined;

/** Starts the backend and returns its name: the one asked for, or TensorFlow where it is there, else wasm. */
export async function openBackend(
  wanted: TfjsBackend = hasTensorflow() ? "tensorflow" : "wasm",
): Promise<TfjsBackend> {
  registered ??= register();
  await registered;
  if (wanted === "tensorflow") await import(optional);
  if (await tf.setBackend(wanted)) return wanted;
  throw new Error(`tfjs: the backend ${wanted} does not start here, expected wasm or cpu`);
}

async function register(): Promise<void> {
  tf.enableProdMode(); // without it tfjs advertises another package on the terminal
  await import("@tensorflow/tfjs-backend-cpu");
  await import("@tensorflow/tfjs-backend-wasm");
}

/** @file How deep in a model a weight lies: what freezing and layer-wise learning rates go by. */

import type { Model } from "../models/index.ts";

/** A layer by its number from 0, the embeddings, or the head (a final norm counts as the last layer). */
export type Depth = "embeddings" | "head" | number;

/** Depth of a weight of the body, by its name. */
export function depthOf(name: string, { geometry }: Pick<Model, "geometry">): Depth {
  const layer = /(?:^|\.)(?:layer|layers|h)\.(\d+)\./.exec(name);
  if (layer) return Number(layer[1]);
  if (/albert_layer_groups/.test(name)) return 0;
  return /embed|^wte|^wpe|mapping_in/.test(name) ? "embeddings" : geometry.layers - 1;
}

/** Whether a weight at this depth is frozen when the first `layersFrozen` layers are; then embeddings are too. */
export function isFrozen(depth: Depth, layersFrozen: number): boolean {
  if (depth === "head" || layersFrozen === 0) return false;
  return depth === "embeddings" || depth < layersFrozen;
}

/** Throws where so many layers can not be frozen. ALBERT's layers are one: all or none. */
export function checkFrozen(layersFrozen: number, { geometry, title, type }: Model): void {
  const { layers } = geometry;
  if (layersFrozen < 0 || layersFrozen > layers) {
    throw new Error(`layersFrozen: expected 0 to ${layers} for this ${title}, got ${layersFrozen}`);
  }
  if (type === "albert" && layersFrozen !== 0 && layersFrozen !== layers) {
    throw new Error(
      `layersFrozen: expected 0 or ${layers} for ALBERT, whose layers share their weights, got ${layersFrozen}`,
    );
  }
}

/** Factor on the learning rate: 1 in the head, `decay` less for each layer further down. */
export function depthRate(depth: Depth, decay: number, layers: number): number {
  if (depth === "head") return 1;
  return decay ** (depth === "embeddings" ? layers + 1 : layers - depth);
}

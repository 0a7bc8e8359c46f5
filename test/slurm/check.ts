/** @file One check on a real Slurm. */

import type { Cluster } from "./cluster.ts";
import type { Night } from "./night.ts";

export type Check = {
  readonly name: string;
  readonly run: (cluster: Cluster, night: Night) => Promise<void>;
};

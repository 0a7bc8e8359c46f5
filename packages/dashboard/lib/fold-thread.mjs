/** @file Entry of a thread that writes scores of folds: reads TypeScript through tsx, then answers. */

import { register } from "tsx/esm/api";

register(); // a thread does not inherit the loader

await import("./fold-thread.ts");

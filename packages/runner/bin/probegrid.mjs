#!/usr/bin/env node
/** @file Starts the command line in this process: one process to signal, and tsx need not be on the PATH. */

import "tsx";

const { main } = await import("../src/cli.ts");
await main(process.argv.slice(2));

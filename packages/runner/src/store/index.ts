/** @file The store, as the dashboard and the other commands import it: "@probegrid/runner/store". */

export { type OpenOptions, openStore, Store } from "./open.ts";
export * from "./schema.ts";
export { StoreError, type StoreErrorCode } from "./store-error.ts";

/** @file Where `npx drizzle-kit generate` reads the tables and writes the migrations. */

import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: "./packages/runner/src/store/schema.ts",
  out: "./packages/runner/src/store/migrations",
});

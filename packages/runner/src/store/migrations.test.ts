import { readFileSync } from "node:fs";
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from "drizzle-kit/api";
import { expect, test } from "vitest";
import journal from "./migrations/meta/_journal.json" with { type: "json" };
import * as schema from "./schema.ts";

test("the committed migrations lead to the tables of schema.ts (else: npx drizzle-kit generate)", async () => {
  const prefix = (journal.entries.at(-1)?.tag ?? "").split("_")[0];
  const url = new URL(`./migrations/meta/${prefix}_snapshot.json`, import.meta.url);
  const committed = JSON.parse(readFileSync(url, "utf8"));
  const current = await generateSQLiteDrizzleJson(schema, committed.id);
  expect(await generateSQLiteMigration(committed, current)).toEqual([]);
});

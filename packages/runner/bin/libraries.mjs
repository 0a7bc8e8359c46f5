/**
 * @file Loads the large libraries before the TypeScript loader is there: it asks for each of their 400 files through
 * another thread, which takes four times as long. They are written in JavaScript and do not need it.
 */

import "drizzle-orm/better-sqlite3";
import "drizzle-orm/sqlite-core";
import "yargs";
import "zod";

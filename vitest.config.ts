import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/scratch.ts",
    projects: [
      {
        test: {
          name: "probes",
          root: "packages/probes",
          include: ["src/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "runner",
          root: "packages/runner",
          include: ["src/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "dashboard",
          root: "packages/dashboard",
          include: ["{lib,components}/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      { test: { name: "project", root: ".", include: ["test/*.test.ts"], testTimeout: 300_000 } },
    ],
  },
});

import { defineConfig } from "vitest/config";

/** For machines that do much else at the same time. */
const patience = { testTimeout: 180_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    globalSetup: "test/scratch.ts",
    projects: [
      {
        test: {
          name: "probes",
          root: "packages/probes",
          include: ["src/**/*.test.ts"],
          ...patience,
        },
      },
      {
        test: {
          name: "runner",
          root: "packages/runner",
          include: ["src/**/*.test.ts"],
          ...patience,
        },
      },
      {
        test: {
          name: "dashboard",
          root: "packages/dashboard",
          include: ["{lib,components}/**/*.test.ts"],
          ...patience,
        },
      },
      {
        test: {
          name: "project",
          root: ".",
          include: ["test/*.test.ts"],
          ...patience,
          testTimeout: 300_000,
        },
      },
    ],
  },
});

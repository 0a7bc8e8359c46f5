/** @file Next's settings: no banner, no calls out, the store's native module left alone. */

import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  devIndicators: false,
  reactStrictMode: true,
  serverExternalPackages: ["better-sqlite3"],
  // The development server would otherwise ask the npm registry for newer versions.
  experimental: { agentUpgrade: false },
};

export default config;

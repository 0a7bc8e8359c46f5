/** @file Next's settings: no banner, no calls out, the store's native module left alone. */

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  devIndicators: false,
  reactStrictMode: true,
  serverExternalPackages: ["better-sqlite3"],
  // The development server would otherwise ask the npm registry for newer versions.
  experimental: { agentUpgrade: false },
};

export default config;

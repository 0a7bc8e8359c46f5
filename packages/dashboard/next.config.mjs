/** @file Next's settings: no banner, no calls out, the store's native module left alone. In JavaScript: Next would compile it at every start. */

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  devIndicators: false,
  reactStrictMode: true,
  serverExternalPackages: ["better-sqlite3"],
};

export default config;

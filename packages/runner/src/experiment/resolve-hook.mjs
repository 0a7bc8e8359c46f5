/** @file Loader hook: Probegrid's own packages resolve from this repository, wherever the importing file lies. */

let from;

/** @param {{from: string}} data URL of a module inside the repository */
export function initialize(data) {
  from = data.from;
}

/** TypeScript outside node_modules is always a module here, whatever package.json lies above it. */
export async function resolve(specifier, context, next) {
  const ours = specifier.startsWith("@probegrid/");
  const found = await next(specifier, ours ? { ...context, parentURL: from } : context);
  const typescript = /\.ts(\?|$)/.test(found.url) && !found.url.includes("/node_modules/");
  return typescript && found.format !== "module" ? { ...found, format: "module" } : found;
}

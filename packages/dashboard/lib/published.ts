/** @file Which experiments and trials were not computed here but taken from published results. */

/** Whether a spec or an environment says that it came with `probegrid import`; when such trials were computed nobody knows. */
export function isPublished(json: string | null): boolean {
  if (json === null) return false;
  try {
    const { origin } = (JSON.parse(json) ?? {}) as { readonly origin?: unknown };
    return origin === "published" || origin === "published results";
  } catch {
    return false;
  }
}

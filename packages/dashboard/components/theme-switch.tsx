/** @file Switches between light and dark and remembers it. */

"use client";

/** A button that turns the page to the other theme. */
export function ThemeSwitch() {
  const turn = () => {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const next = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and Safari
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=strict`;
  };
  return (
    <button
      type="button"
      onClick={turn}
      aria-label="Switch between light and dark"
      title="Light or dark"
      className="grid size-8 place-items-center rounded-md text-soft hover:bg-sunk hover:text-ink"
    >
      <svg viewBox="0 0 16 16" className="size-4" aria-hidden="true">
        <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" fill="currentColor" />
      </svg>
    </button>
  );
}

/** @file The bar at the top: where one is, which store is shown, light or dark. */

import { basename } from "node:path";
import Link from "next/link";
import { storeFile } from "@/lib/store";
import { NavLinks } from "./nav-links";
import { ThemeSwitch } from "./theme-switch";

/** Header of every page. */
export function SiteHeader() {
  const file = storeFile();
  return (
    <header className="sticky top-0 z-30 border-b bg-page/90 backdrop-blur">
      <div className="flex min-h-12 flex-wrap items-center gap-x-1 px-4 max-sm:pt-1.5 sm:flex-nowrap sm:gap-3 lg:px-6">
        <Link href="/" className="mr-2 flex items-center gap-2 font-semibold tracking-tight">
          <Mark />
          Probegrid
        </Link>
        <NavLinks />
        <span className="ml-auto truncate text-[12px] text-faint" title={file}>
          {basename(file)}
        </span>
        <ThemeSwitch />
      </div>
    </header>
  );
}

/** A grid in which one cell knows more than the others. */
function Mark() {
  const shades = [0.3, 0.5, 0.3, 0.5, 1, 0.75, 0.3, 0.75, 0.45];
  return (
    <svg viewBox="0 0 18 18" className="size-[18px] text-accent" aria-hidden="true">
      {shades.map((opacity, i) => (
        <rect
          key={i}
          x={(i % 3) * 6.3}
          y={Math.floor(i / 3) * 6.3}
          width="5"
          height="5"
          rx="1.2"
          fill="currentColor"
          opacity={opacity}
        />
      ))}
    </svg>
  );
}

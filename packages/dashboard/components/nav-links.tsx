/** @file The pages there are. A new kind of work adds one line here and a folder under app. */

"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "./ui/cn";

const pages = [
  { href: "/", label: "Experiments" },
  { href: "/compare", label: "Compare" },
  { href: "/finetuning", label: "Fine-tuning" },
  { href: "/attribution", label: "Attribution" },
  { href: "/live", label: "Live" },
] as const;

/** Links to the pages, the current one marked. */
export function NavLinks() {
  const path = usePathname();
  const isCurrent = (href: string) =>
    path === href || (href !== "/" && path.startsWith(`${href}/`));
  return (
    <nav
      aria-label="Pages"
      className="flex min-w-0 gap-0.5 overflow-x-auto max-sm:order-last max-sm:w-full max-sm:justify-between max-sm:py-1"
    >
      {pages.map(({ href, label }) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={isCurrent(href) ? "page" : undefined}
          className={cn(
            "whitespace-nowrap rounded-md px-2.5 py-1 text-[13px] font-medium text-soft hover:bg-sunk hover:text-ink max-sm:px-1.5",
            isCurrent(href) && "bg-sunk text-ink",
          )}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

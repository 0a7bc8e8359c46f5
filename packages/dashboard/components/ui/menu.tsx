/** @file A small menu: a button that opens a list of actions. */

"use client";

import { useEffect, useRef } from "react";
import { buttonLook } from "./button";

type MenuProps = {
  readonly label: React.ReactNode;
  /** What a screen reader calls it. */
  readonly name: string;
  readonly children: React.ReactNode;
};

/** Opens on click or Enter, closes on choice, Escape or a click elsewhere. */
export function Menu({ label, name, children }: MenuProps) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const menu = details.current;
      if (menu === null || !menu.open) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        menu.querySelector("summary")?.focus();
      } else if (menu.contains(event.target as Node)) return;
      menu.open = false;
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, []);
  return (
    <details ref={details} className="relative">
      <summary
        aria-label={name}
        className={buttonLook({ kind: "plain", size: "small", className: "list-none" })}
      >
        {label}
        <svg viewBox="0 0 10 6" className="w-2" aria-hidden="true">
          <path d="M1 1l4 4 4-4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      </summary>
      <div className="absolute right-0 z-20 mt-1 max-h-80 min-w-36 overflow-y-auto rounded-lg border bg-card p-1 shadow-lg">
        {children}
      </div>
    </details>
  );
}

/** One action of a menu. */
export function MenuItem({
  onSelect,
  children,
}: {
  onSelect: () => void;
  children: React.ReactNode;
}) {
  return (
    <button
      type="button"
      className="block w-full rounded px-2.5 py-1 text-left text-[13px] hover:bg-sunk"
      onClick={(event) => {
        const menu = event.currentTarget.closest("details");
        onSelect();
        if (menu !== null) menu.open = false;
      }}
    >
      {children}
    </button>
  );
}

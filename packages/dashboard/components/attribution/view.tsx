/** @file The view of the attribution pages in the URL; a change marks the page as pending until it is redrawn. */

"use client";

import { useQueryStates } from "nuqs";
import { createContext, useCallback, useContext, useMemo, useTransition } from "react";
import { type AttributionView, attributionParsers } from "@/lib/attribution-view";

type Changes = { readonly [K in keyof AttributionView]?: AttributionView[K] | null };

type Shared = {
  readonly view: AttributionView;
  readonly pending: boolean;
  /** Changes what is shown: the server computes again. */
  readonly change: (part: Changes) => void;
};

const Context = createContext<Shared | null>(null);

/** Gives the view to what is inside. */
export function AttributionProvider({ children }: { children: React.ReactNode }) {
  const [pending, startTransition] = useTransition();
  const [view, setView] = useQueryStates(attributionParsers, { history: "push" });
  const change = useCallback<Shared["change"]>(
    (part) => void setView(part, { shallow: false, scroll: false, startTransition }),
    [setView],
  );
  const shared = useMemo(() => ({ view, pending, change }), [view, pending, change]);
  return <Context value={shared}>{children}</Context>;
}

/** The view and how to change it. */
export function useAttributionView(): Shared {
  const shared = useContext(Context);
  if (shared === null) {
    throw new Error("internal: useAttributionView outside of AttributionProvider");
  }
  return shared;
}

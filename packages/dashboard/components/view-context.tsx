/** @file The view in the URL, shared by everything on Compare; a change marks the page as pending until it is redrawn. */

"use client";

import { useQueryStates } from "nuqs";
import { createContext, useCallback, useContext, useMemo, useRef, useTransition } from "react";
import type { Axis } from "@/lib/axes";
import { type Selection, type View, viewParsers } from "@/lib/view";

type Shared = {
  readonly view: View;
  readonly pending: boolean;
  /** Changes filters or grouping: the server computes again. */
  readonly change: (part: { readonly [K in keyof View]?: View[K] | null }) => void;
  /** Changes what the table alone shows; the server is not asked for the page again. */
  readonly arrange: Shared["change"];
  /** Marks points in every chart; the server is not asked. */
  readonly select: (selection: Selection) => void;
  /** Opens a trial beside the page, or closes it; the server is not asked for the page again. */
  readonly open: (trial: string | null) => void;
};

/** What is marked, by itself: charts depend on nothing else of the view, so no other change draws them again. */
type Marked = Pick<Shared, "select"> & { readonly selection: Selection };

const ViewContext = createContext<Shared | null>(null);
const SelectionContext = createContext<Marked | null>(null);

/** Gives the view to what is inside. */
export function ViewProvider({ children }: { children: React.ReactNode }) {
  const [pending, startTransition] = useTransition();
  const [view, setView] = useQueryStates(viewParsers, { history: "push" });
  const change = useCallback<Shared["change"]>(
    (part) => void setView(part, { shallow: false, startTransition }),
    [setView],
  );
  const arrange = useCallback<Shared["arrange"]>(
    (part) => void setView(part, { shallow: true }),
    [setView],
  );
  const select = useCallback<Shared["select"]>(
    (selection) => void setView({ select: selection }, { shallow: true, history: "replace" }),
    [setView],
  );
  const open = useCallback<Shared["open"]>(
    (trial) => void setView({ trial }, { shallow: true }),
    [setView],
  );
  const shared = useMemo(
    () => ({ view, pending, change, arrange, select, open }),
    [view, pending, change, arrange, select, open],
  );
  const selection = useSame(view.select);
  const marked = useMemo(() => ({ selection, select }), [selection, select]);
  return (
    <ViewContext value={shared}>
      <SelectionContext value={marked}>{children}</SelectionContext>
    </ViewContext>
  );
}

/** The last value that reads the same: a link that is read again gives the same selection, not a copy. */
function useSame<Value>(value: Value): Value {
  const last = useRef(value);
  if (JSON.stringify(last.current) !== JSON.stringify(value)) last.current = value;
  return last.current;
}

/** The view and how to change it. */
export function useView(): Shared {
  const shared = useContext(ViewContext);
  if (shared === null) throw new Error("internal: useView outside of ViewProvider");
  return shared;
}

/** What is selected and how to select; redraws for nothing else. */
export function useSelection(): Marked {
  const marked = useContext(SelectionContext);
  if (marked === null) throw new Error("internal: useSelection outside of ViewProvider");
  return marked;
}

/** The selection with some values toggled: the same values again clear them. */
export function toggled(selection: Selection, values: Partial<Record<Axis, string>>): Selection {
  const entries = Object.entries(values) as [Axis, string][];
  const same =
    entries.length === Object.keys(selection).length &&
    entries.every(([axis, value]) => {
      const chosen = selection[axis];
      return chosen?.length === 1 && chosen[0] === value;
    });
  return same ? {} : Object.fromEntries(entries.map(([axis, value]) => [axis, [value]]));
}

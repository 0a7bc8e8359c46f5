/** @file Fetches the rows of the table that are in sight, a hundred at a time. */

"use client";

import { useEffect, useRef, useState } from "react";
import type { TrialRow } from "@/lib/queries/table";
import { viewLink } from "@/lib/view";
import { useView } from "./view-context";

const chunk = 100;
/** Chunks kept in memory: far more than a screen, far less than a store. */
const chunksKept = 60;

type Chunks = Map<number, readonly TrialRow[]>;

/** How many rows there are, the row at a place once it has come, and a way to say what is in sight. */
export function useTrialWindow(version: string) {
  const { view, pending } = useView();
  const {
    columns: _columns,
    show: _show,
    trial: _trial,
    folds: _folds,
    collapse: _collapse,
    ...asked
  } = view;
  const query = viewLink("/api/trials", asked);
  const key = `${version} ${query}`;
  const [held, setHeld] = useState<{ key: string; total: number | null; chunks: Chunks }>({
    key,
    total: null,
    chunks: new Map(),
  });
  const wanted = useRef<readonly [number, number]>([0, 0]);
  const coming = useRef(new Set<string>());
  const latest = useRef(key);
  latest.current = key;

  const fetchMissing = async () => {
    const [first, last] = wanted.current;
    const known = held.key === key ? held.chunks : new Map();
    for (let at = Math.floor(first / chunk); at <= Math.floor(last / chunk); at++) {
      const mark = `${key} ${at}`;
      if (known.has(at) || coming.current.has(mark)) continue;
      coming.current.add(mark);
      const joint = query.includes("?") ? "&" : "?";
      const answer = await fetch(`${query}${joint}offset=${at * chunk}&limit=${chunk}`).catch(
        () => null,
      );
      coming.current.delete(mark);
      if (answer?.ok !== true || latest.current !== key) return;
      const { total, rows } = (await answer.json()) as { total: number; rows: readonly TrialRow[] };
      setHeld((old) => {
        const chunks = new Map(old.key === key ? old.chunks : []);
        chunks.set(at, rows);
        if (chunks.size > chunksKept) chunks.delete(chunks.keys().next().value ?? 0);
        return { key, total, chunks };
      });
    }
  };
  useEffect(() => {
    if (!pending) void fetchMissing(); // the charts of a change come first
  });
  return {
    // While other rows are on their way the old ones stay, so that nothing flickers.
    total: held.total,
    rowAt: (index: number) => held.chunks.get(Math.floor(index / chunk))?.[index % chunk],
    want: (first: number, last: number) => {
      wanted.current = [first, last];
    },
  };
}

/** @file Keeps a page up to date while a run writes: asks for the store's version and redraws when it moved. */

"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useTransition } from "react";

/** Redraws the page when the store has changed; asks every `seconds`, and only while the page is seen. */
export function Freshness({ version, seconds = 2 }: { version: string; seconds?: number }) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const drawn = useRef(version);
  const busy = useRef(pending);
  drawn.current = version;
  busy.current = pending;
  useEffect(() => {
    const ask = async () => {
      if (document.hidden || busy.current) return;
      const answer = await fetch("/api/version").catch(() => null);
      if (answer?.ok !== true) return;
      const { version: current } = (await answer.json()) as { version: string };
      if (current !== drawn.current) startTransition(() => router.refresh());
    };
    const timer = setInterval(() => void ask(), seconds * 1000);
    return () => clearInterval(timer);
  }, [router, seconds]);
  return null;
}

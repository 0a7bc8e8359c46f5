/** @file What is shown when a page fails: the terminal has the details, since messages may hold private text. */

"use client";

import { Button } from "@/components/ui/button";

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <main id="main" className="mx-auto mt-10 max-w-2xl px-6">
      <h1 className="text-xl font-semibold tracking-tight">This page could not be drawn</h1>
      <p className="mt-3 text-soft">
        The terminal in which the dashboard runs says why
        {error.digest ? `, under the number ${error.digest}` : ""}. A store from another version, or
        one that was just replaced, are the usual reasons.
      </p>
      <Button className="mt-5" onClick={reset}>
        Try again
      </Button>
    </main>
  );
}

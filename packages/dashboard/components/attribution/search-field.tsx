/** @file A search field whose text goes to the URL a moment after the last key. */

"use client";

import { useEffect, useState } from "react";
import { cn } from "../ui/cn";
import { useAttributionView } from "./view";

type Props = {
  readonly name: "find" | "word";
  readonly label: string;
  readonly placeholder: string;
  readonly className?: string;
};

/** What is typed is shown at once and asked for after 250 ms. */
export function SearchField({ name, label, placeholder, className }: Props) {
  const { view, change } = useAttributionView();
  const asked = view[name];
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  useEffect(() => {
    if (text === asked) return;
    const timer = setTimeout(
      () => change(name === "find" ? { find: text, page: null, example: null } : { word: text }),
      250,
    );
    return () => clearTimeout(timer);
  }, [text, name, asked, change]);
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={placeholder}
      className={cn("field", className)}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

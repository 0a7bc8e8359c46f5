/** @file Buttons: quiet by default, filled when pressed or primary. */

import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

const look = cva(
  "inline-flex items-center justify-center gap-1.5 whitespace-nowrap rounded-md text-[13px] font-medium transition-colors disabled:opacity-50",
  {
    variants: {
      kind: {
        plain: "text-soft hover:bg-sunk hover:text-ink",
        outline: "border border-edge bg-card text-ink hover:bg-sunk",
        pressed: "bg-tint text-accent",
      },
      size: { small: "h-7 px-2", usual: "h-8 px-3" },
    },
    defaultVariants: { kind: "outline", size: "usual" },
  },
);

type Props = ComponentProps<"button"> & VariantProps<typeof look>;

/** A button. */
export function Button({ kind, size, className, ...rest }: Props) {
  return <button type="button" className={cn(look({ kind, size }), className)} {...rest} />;
}

/** The same look for links. */
export const buttonLook = look;

/** @file Class names: conditions first, later Tailwind classes win. */

import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Joins class names. */
export function cn(...classes: ClassValue[]): string {
  return twMerge(clsx(classes));
}

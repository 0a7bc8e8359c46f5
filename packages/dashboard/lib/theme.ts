/** @file Light or dark: a cookie, so that the server already sends the right one and nothing flashes. */

import { cookies } from "next/headers";

export const themeCookie = "theme";

/** The chosen theme, undefined to follow the system. */
export async function chosenTheme(): Promise<"light" | "dark" | undefined> {
  const value = (await cookies()).get(themeCookie)?.value;
  return value === "light" || value === "dark" ? value : undefined;
}

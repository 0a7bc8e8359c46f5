/** @file The frame of every page. */

import "@fontsource-variable/inter";
import "./globals.css";
import type { Metadata } from "next";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { SiteHeader } from "@/components/site-header";
import { chosenTheme } from "@/lib/theme";

export const metadata: Metadata = {
  title: { default: "Probegrid", template: "%s · Probegrid" },
  description: "Layers and poolings of transformer models, compared",
};
export const dynamic = "force-dynamic";

export default async function Layout({ children }: { children: React.ReactNode }) {
  return (
    <html lang="en" data-theme={await chosenTheme()}>
      <body>
        <a
          href="#main"
          className="absolute -top-10 left-2 z-50 rounded bg-card px-3 py-1 focus:top-2"
        >
          Skip to the content
        </a>
        <SiteHeader />
        <NuqsAdapter>{children}</NuqsAdapter>
      </body>
    </html>
  );
}

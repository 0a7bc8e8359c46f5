/** @file The plain answers the server gives without Next: not allowed, no token, not a reading request. */

import type { ServerResponse } from "node:http";

const pages = {
  400: {
    title: "Not an address of this dashboard",
    text: "The address can not be read. Start again from the one that probegrid printed.",
  },
  401: {
    title: "This dashboard asks for a token",
    text: "It was started with --token. Enter that token once; this browser will remember it until it is closed.",
  },
  403: {
    title: "Not served under this name",
    text: "The dashboard answers only to the address it was started with. Open the address that probegrid printed.",
  },
  405: {
    title: "The dashboard only reads",
    text: "Nothing can be written or started from here; experiments are run by the probegrid command.",
  },
  500: {
    title: "Something went wrong",
    text: "The terminal in which the dashboard runs says what.",
  },
} as const;

const form = `<form method="get"><label>Token <input name="token" type="password" autocomplete="off" autofocus required></label> <button>Open</button></form>`;

/** Ends a response with one of the pages. */
export function refusalPage(response: ServerResponse, status: keyof typeof pages): void {
  const { title, text } = pages[status];
  response.writeHead(status, {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
  });
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><body style="font:16px/1.5 system-ui;max-width:34rem;margin:12vh auto;padding:0 1rem"><h1 style="font-size:1.3rem">${title}</h1><p>${text}</p>${status === 401 ? form : ""}</body></html>`,
  );
}

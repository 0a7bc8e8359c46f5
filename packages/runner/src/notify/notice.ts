/** @file Tells somebody that a run ended or stands still: a web address gets JSON, a command gets it on its input. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { messageOf } from "../errors.ts";

/** What is told. */
export type Notice = {
  readonly event: "ended" | "stalled";
  readonly experiment: string;
  /** done, failed, stopped or error, when it ended; null while it stands still. */
  readonly outcome: string | null;
  /** One line for a person. */
  readonly text: string;
};

const usualPatience = 10_000; // milliseconds: a dead web hook must not keep a run from ending

/**
 * Tells it; returns why that failed, or null, and never the address, which may be a secret. It never throws: a run is
 * not worse for a notice that was lost.
 */
export async function sendNotice(
  target: string,
  notice: Notice,
  patience = usualPatience,
): Promise<string | null> {
  try {
    const send = isAddress(target) ? post : runCommand;
    await send(target, notice, patience);
    return null;
  } catch (error) {
    return messageOf(error).replaceAll(target, "the web hook");
  }
}

/** True of what is called as a web hook; everything else is a command. */
export function isAddress(target: string): boolean {
  return /^https?:\/\//i.test(target);
}

async function post(address: string, notice: Notice, patience: number): Promise<void> {
  const url = new URL(address);
  const { username, password } = url;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  url.username = ""; // fetch takes them in a header only
  url.password = "";
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(credentials === ":"
        ? {}
        : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` }),
    },
    body: JSON.stringify(notice),
    redirect: "error", // where it leads is not what the user chose
    signal: AbortSignal.timeout(patience),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the web hook answered ${response.status}`);
}

/** The user's own command line; names and texts go in as data, never as part of it. */
async function runCommand(command: string, notice: Notice, patience: number): Promise<void> {
  const child = spawn(command, {
    shell: true,
    stdio: ["pipe", "ignore", "ignore"],
    timeout: patience,
    killSignal: "SIGKILL", // it may not listen to others
  });
  child.stdin.on("error", () => {}); // a command that reads nothing
  child.stdin.end(`${JSON.stringify(notice)}\n`);
  const [code, signal] = await once(child, "exit"); // what it started may hold its input open
  child.stdin.destroy();
  if (code !== 0) throw new Error(`the command ended with ${code ?? signal}`);
}

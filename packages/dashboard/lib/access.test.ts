/** @file Who may look: hosts and tokens. */

import { expect, test } from "vitest";
import { cookieName, cookieValue, refusal } from "./access.ts";

const here = { host: "127.0.0.1", token: null };
const asked = (host: string | undefined, rest = {}) => ({
  ...{ host, cookie: undefined, authorization: undefined },
  ...rest,
});

test("answers this machine's own names on any port, and no other name", () => {
  for (const host of ["127.0.0.1:4300", "localhost", "localhost:8080", "[::1]:4300"]) {
    expect(refusal(asked(host), here)).toBeNull();
  }
  const foreign = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil",
    "10.0.0.1",
    "",
  ];
  for (const host of [...foreign, undefined]) expect(refusal(asked(host), here)).toBe(403);
});

test("asks for the token when others can reach it, by header or cookie", () => {
  const guard = { host: "0.0.0.0", token: "open sesame" };
  const cookie = `other=1; ${cookieName}=${cookieValue("open sesame")}`;
  expect(refusal(asked("10.0.0.1:4300"), guard)).toBe(401);
  expect(
    refusal(asked("10.0.0.1:4300", { authorization: "Bearer open sesame" }), guard),
  ).toBeNull();
  expect(refusal(asked("10.0.0.1:4300", { cookie }), guard)).toBeNull();
  expect(refusal(asked("10.0.0.1:4300", { cookie: `${cookieName}=open sesame` }), guard)).toBe(401);
  expect(refusal(asked("evil.example", { cookie }), guard)).toBe(403);
});

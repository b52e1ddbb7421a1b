import { expect, it } from "vitest";

import { formatHash, parseHash, sessionHash } from "../src/core/route.ts";

it.each([
  ["", { page: "fleet" }],
  ["#/", { page: "fleet" }],
  ["#/fleet", { page: "fleet" }],
  ["#/feed", { page: "feed" }],
  ["#/connect", { page: "connect" }],
  ["#/system", { page: "system" }],
  ["#/s/first", { page: "session", sessionId: "first", tab: "feed" }],
  ["#/s/a%20b/state", { page: "session", sessionId: "a b", tab: "state" }],
  ["#/s/first/nonsense", { page: "unknown" }],
  ["#/s/", { page: "unknown" }],
  ["#/s/%E0%A4%A/feed", { page: "unknown" }],
  ["#/constructor", { page: "unknown" }],
  ["#/fleet/more", { page: "unknown" }],
])("reads %j", (hash, place) => {
  expect(parseHash(hash).place).toEqual(place);
});

it("gives every view a URL that leads to the same view", () => {
  const params = new Map([
    ["q", "a&b=c #d"],
    ["status", "waiting"],
  ]);
  const place = { page: "session", sessionId: "x/../y?z", tab: "raw" } as const;
  expect(parseHash(formatHash(place, params))).toEqual({ place, params });
});

it("leaves out what says nothing", () => {
  expect(formatHash({ page: "fleet" }, new Map([["q", ""]]))).toBe("#/fleet");
  expect(sessionHash("first")).toBe("#/s/first/feed");
});

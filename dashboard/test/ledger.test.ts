import { expect, it } from "vitest";

import { createLedger } from "../src/core/ledger.ts";

const event = (sessionId: string, offset: number, type = "action") => ({ sessionId, offset, type });

it("finds what is missing between two events of a session, whatever comes of others", () => {
  const ledger = createLedger();
  const seen = [event("a", 7), event("b", 1), event("a", 8), event("b", 4), event("a", 9)];
  expect(seen.map(ledger.take)).toEqual([0, 0, 0, 2, 0]);
});

it("knows an event that was here already", () => {
  const ledger = createLedger();
  const seen = [event("a", 7), event("a", 7), event("a", 6), event("a", 8)];
  expect(seen.map(ledger.take)).toEqual([0, undefined, undefined, 0]);
});

it("misses nothing of a session that begins anew", () => {
  const ledger = createLedger();
  const deleted = [event("a", 7), event("a", 8, "session_deleted"), event("a", 9)];
  const created = [event("a", 10), event("a", 1, "session_created"), event("a", 2)];
  expect([...deleted, ...created].map(ledger.take)).toEqual([0, 0, 0, 0, 0, 0]);
});

it("asks for nothing that the service said it leaves out", () => {
  const ledger = createLedger();
  ledger.take(event("a", 7));
  ledger.forget();
  expect(ledger.take(event("a", 90))).toBe(0);
});

it("stays small with any number of sessions, and remembers the busy ones", () => {
  const ledger = createLedger();
  for (let index = 1; index <= 30_000; index += 1) {
    ledger.take(event(`once-${index}`, 5));
    ledger.take(event("busy", index));
  }
  expect(ledger.take(event("busy", 30_003))).toBe(2);
  expect(ledger.take(event("once-1", 9))).toBe(0);
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { feedTypes, transcriptTypes } from "../src/core/event-types.ts";
import { MalformedAnswerError } from "../src/core/guards.ts";
import { asEvent, readAgents, readFleet, readGoals, readSession } from "../src/core/wire.ts";
import { createPairing } from "../src/feed/pairing.ts";
import { treeOf } from "../src/session/agent-tree.ts";

const time = "2026-11-21T05:41:50.000Z";

describe("what the wire brings", () => {
  it.each([
    ["nothing", undefined],
    ["a text", "<html>"],
    ["a list", []],
    ["no id", { createdAt: time }],
    ["no time", { sessionId: "a" }],
  ])("is refused as a session when it is %s", (_name, value) => {
    expect(() => readSession(value)).toThrowError(MalformedAnswerError);
  });

  it("needs no more than an id and a time to be shown", () => {
    const session = readSession({ sessionId: "a", createdAt: time, activity: { status: "odd" } });
    expect(session.activity).toMatchObject({ status: "running", since: time, doing: null });
  });

  it("is refused as a fleet without its list", () => {
    expect(() => readFleet({})).toThrowError(MalformedAnswerError);
  });

  it("keeps what a fleet used today apart from all that it ever used", () => {
    const fleet = readFleet({ attention: [], usage: { costUsd: 9 }, today: { costUsd: 2 } });
    expect([fleet.usage.costUsd, fleet.today.costUsd]).toEqual([9, 2]);
    expect(readFleet({ attention: [], today: "<html>" }).today.costUsd).toBe(null);
  });

  it("never breaks the page, whatever JSON it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(() => {
          readGoals({ goals: a });
          treeOf(readAgents({ agents: Array.isArray(a) ? a : [a, b] }));
          asEvent(a);
          readSession({ sessionId: "x", createdAt: time, activity: a, counts: b, labels: a });
        }).not.toThrow();
      }),
    );
  });
});

it("makes a row, or none, of 10,000 events in which anything may stand anywhere", () => {
  const pairing = createPairing();
  const types = [...feedTypes, ...transcriptTypes, "new_one"];
  const hostile = fc.oneof(fc.jsonValue(), fc.string({ unit: "binary", maxLength: 400 }));
  const names = [
    "type",
    "details",
    "patch",
    "goal",
    "agent",
    "content",
    "tool",
    "input",
    "running",
    "entry",
    "message",
    "owner",
  ];
  const data = fc.dictionary(
    fc.oneof(fc.constantFrom(...names), fc.string()),
    fc.oneof(hostile, fc.dictionary(fc.constantFrom(...names), hostile)),
  );
  let position = 0;
  fc.assert(
    fc.property(fc.constantFrom(...types), data, (type, members) => {
      position += 1;
      const event = asEvent({
        type,
        data: members,
        sessionId: "s",
        offset: position,
        position,
        timestamp: time,
      });
      const row = event && pairing.add(event);
      if (row === undefined) return;
      expect(typeof row.title).toBe("string");
      expect(row.detail.length).toBeLessThan(300);
    }),
    { numRuns: 10_000 },
  );
}, 60_000);

import type { Command, SessionId } from "@sessions/contract";
import fc from "fast-check";
import { expect, it } from "vitest";

import { commit } from "../../src/domain/commit.ts";
import type { SessionEvent } from "../../src/domain/event.ts";
import { fold } from "../../src/domain/fold.ts";
import type { Session } from "../../src/domain/session.ts";

const sessionId = "s-1" as SessionId;

/** Commands that any sequence may hold; a refused one leads to nothing. */
const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant("action" as const),
    data: fc.record({ type: fc.string({ minLength: 1 }) }),
  }),
  fc.record({ type: fc.constant("response" as const), data: fc.record({ text: fc.string() }) }),
  fc.record({
    type: fc.constant("state_updated" as const),
    data: fc.record({
      mode: fc.constantFrom("deep" as const, "merge" as const),
      patch: fc.dictionary(
        fc.constantFrom("a", "b", "phase", "workspace"),
        fc.jsonValue({ maxDepth: 2, noUnicodeString: false }) as fc.Arbitrary<unknown>,
      ),
    }),
  }),
  fc.record({
    type: fc.constant("goal_added" as const),
    data: fc.record({ goalId: fc.constantFrom("g1", "g2", "g3"), description: fc.constant("d") }),
  }),
  fc.record({
    type: fc.constant("goal_updated" as const),
    data: fc.record({
      goalId: fc.constantFrom("g1", "g2"),
      patch: fc.record({ status: fc.constantFrom("completed" as const, "blocked" as const) }),
    }),
  }),
  fc.record({
    type: fc.constant("agent_spawned" as const),
    data: fc.record({ agentId: fc.constantFrom("a1", "a2"), type: fc.constant("t") }),
  }),
  fc.record({
    type: fc.constant("agent_completed" as const),
    data: fc.record({ agentId: fc.constantFrom("a1", "a2"), completion: fc.constant({}) }),
  }),
  fc.record({
    type: fc.constant("metadata_updated" as const),
    data: fc.record({ labels: fc.dictionary(fc.constantFrom("k", "l"), fc.option(fc.string())) }),
  }),
  fc.constant({ type: "session_finalized" as const, data: { status: "completed" as const } }),
);

function history(sequence: readonly Command[]): SessionEvent[] {
  let session: Session | undefined;
  let made = 0;
  const events: SessionEvent[] = [];
  for (const command of [{ type: "session_created", data: {} } as Command, ...sequence]) {
    try {
      const done = commit(sessionId, session, [command], {
        now: new Date(Date.UTC(2026, 0, 1) + (made += 1)).toISOString(),
        newId: () => `id-${made}`,
        isBatch: false,
        reopen: made % 2 === 0,
        offsetOf: () => undefined,
      });
      session = done.session;
      events.push(...done.events);
    } catch {
      // Refused: nothing happened.
    }
  }
  return events;
}

const replay = (events: readonly SessionEvent[], from?: Session) =>
  events.reduce<Session | undefined>((session, event) => fold(session, event), from);

it("gives the same session from the stored JSON as from the events", () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 30 }), (sequence) => {
      const events = history(sequence);
      const stored = events.map((event) => ({ ...event, data: JSON.parse(event.json) }));

      expect(JSON.stringify(replay(stored))).toBe(JSON.stringify(replay(events)));
    }),
  );
});

it("brings snapshots of different age up to date, whatever is replayed again", () => {
  fc.assert(
    fc.property(
      fc.array(commands, { maxLength: 30 }),
      fc.nat(),
      fc.nat(),
      (sequence, metadataAge, stateAge) => {
        const events = history(sequence);
        const until = (age: number) =>
          replay(events.slice(0, 1 + (age % events.length))) as Session;
        const older = until(metadataAge);
        const other = until(stateAge);
        const mixed: Session = { ...older, state: other.state, stateOffset: other.stateOffset };

        const { stateBytes: _, ...revived } = replay(events, mixed) as Session;
        const { stateBytes: __, ...whole } = replay(events) as Session;

        expect(revived).toEqual(whole);
      },
    ),
  );
});

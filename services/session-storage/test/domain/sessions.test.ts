import type { Command, SessionId } from "@sessions/contract";
import { expect, it } from "vitest";

import { ServiceError } from "../../src/domain/errors.ts";
import type { SessionEvent } from "../../src/domain/event.ts";
import { fold } from "../../src/domain/fold.ts";
import type { Session } from "../../src/domain/session.ts";
import { createSessions } from "../../src/domain/sessions.ts";
import type { Journal, JournalSubscriber } from "../../src/journal/journal.ts";

const a = "a" as SessionId;

/** A journal whose every append waits until the test lets it through or fails it. */
function createHeldJournal() {
  let subscriber: JournalSubscriber | undefined;
  let held: { events: readonly SessionEvent[]; resolve(): void; reject(error: Error): void }[] = [];
  const stored: SessionEvent[] = [];
  const journal: Journal = {
    append: (events) =>
      new Promise((resolve, reject) => {
        held.push({ events, resolve: () => resolve(stored.length), reject });
      }),
    read: () => {
      throw new Error("not read here");
    },
    subscribe(given) {
      subscriber = given;
      return () => {};
    },
    trim: () => Promise.resolve(),
    status: () => ({
      condition: "ok",
      position: stored.length,
      earliest: 1,
      bytes: 0,
      lost: [],
    }),
    close: () => Promise.resolve(),
  };
  return {
    journal,
    stored,
    waiting: () => held.length,
    store() {
      const batch = held;
      held = [];
      for (const { events, resolve } of batch) {
        const from = stored.length;
        stored.push(...events);
        subscriber?.applied(events.map((event, i) => ({ position: from + i + 1, event })));
        resolve();
      }
    },
    fail() {
      const batch = held;
      held = [];
      const error = new ServiceError("storage_full", "full");
      subscriber?.failed(error);
      for (const { reject } of batch) reject(error);
    },
  };
}

function setUp(cachedSessions?: number, room?: Promise<boolean>) {
  const held = createHeldJournal();
  const loaded: string[] = [];
  const eventsOf = (id: string) => held.stored.filter(({ sessionId }) => sessionId === id);
  const sessions = createSessions({
    journal: held.journal,
    source: {
      has: (id) => eventsOf(id).length > 0,
      caseTwinOf: () => undefined,
      load: async (id) => {
        loaded.push(id);
        return eventsOf(id).reduce<Session | undefined>(fold, undefined) as Session;
      },
      loadDeleted: () => Promise.resolve(undefined),
      loadIds: async (id) =>
        eventsOf(id).flatMap((event) =>
          event.id === undefined ? [] : [[event.id, event.offset] as const],
        ),
    },
    projections: [],
    now: () => "2026-01-02T03:04:05.678Z",
    newId: () => "id",
    room: () => room,
    ...(cachedSessions !== undefined && { cachedSessions }),
  });
  return { sessions, held, loaded };
}

const created: Command = { type: "session_created", data: {} };
const action = (id: string): Command => ({ type: "action", data: { type: "t", id } });

/** Past every `await` that stands between a call and the journal. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

it("shows nothing that is not durable, and decides on what is on its way", async () => {
  const { sessions, held } = setUp();
  const first = sessions.execute(a, [created]);
  const second = sessions.execute(a, [action("r-1")]);
  await settled();

  await expect(sessions.read(a)).rejects.toMatchObject({ code: "session_not_found" });
  held.store();

  expect((await first).outcomes[0]?.offset).toBe(1);
  expect((await second).outcomes[0]?.offset).toBe(2);
  expect((await sessions.read(a)).metadata.offset).toBe(2);
});

it("answers a repeated record only once the first one is durable", async () => {
  const { sessions, held } = setUp();
  const order: string[] = [];
  const first = sessions.execute(a, [created, action("r-1")]).then(() => order.push("first"));
  const again = sessions.execute(a, [action("r-1")]).then(({ outcomes }) => {
    order.push("again");
    return outcomes;
  });
  await settled();

  expect(order).toEqual([]);
  held.store();

  expect(await again).toEqual([{ offset: 2, isDuplicate: true }]);
  await first;
  expect(order).toEqual(["first", "again"]);
  expect(held.stored).toHaveLength(2);
});

it("forgets what a failed append brought: offsets, ids and the session itself", async () => {
  const { sessions, held } = setUp();
  const lost = [sessions.execute(a, [created]), sessions.execute(a, [action("r-1")])];
  await settled();
  held.fail();
  for (const one of lost) await expect(one).rejects.toMatchObject({ code: "storage_full" });

  const refused = sessions.execute(a, [action("r-1")]);
  await expect(refused).rejects.toMatchObject({ code: "session_not_found" });
  const retried = sessions.execute(a, [created, action("r-1")]);
  await settled();
  held.store();

  expect((await retried).outcomes.map(({ offset, isDuplicate }) => [offset, isDuplicate])).toEqual([
    [1, false],
    [2, false],
  ]);
});

it("keeps what was durable before a failed append", async () => {
  const { sessions, held } = setUp();
  const begun = sessions.execute(a, [created, action("r-1")]);
  await settled();
  held.store();
  await begun;
  const failing = sessions.execute(a, [action("r-2")]);
  await settled();
  held.fail();
  await expect(failing).rejects.toMatchObject({ code: "storage_full" });

  const next = sessions.execute(a, [action("r-1"), action("r-2")]);
  await settled();
  held.store();

  expect((await next).outcomes.map(({ offset, isDuplicate }) => [offset, isDuplicate])).toEqual([
    [2, true],
    [3, false],
  ]);
});

it("refuses a second id that differs only by case, also while the first is on its way", async () => {
  const { sessions, held } = setUp();
  const first = sessions.execute(a, [created]);
  const twin = sessions.execute("A" as SessionId, [created]);

  await expect(twin).rejects.toMatchObject({ code: "session_id_case_conflict" });
  held.store();
  await first;
});

it("loads a session again that it let go of, once for all who ask, with its ids", async () => {
  const { sessions, held, loaded } = setUp(1);
  for (const id of ["a", "b"] as SessionId[]) {
    const begun = sessions.execute(id, [created, action("r-1")]);
    await settled();
    held.store();
    await begun;
  }
  const asked = [
    sessions.execute(a, [action("r-1")]),
    sessions.execute(a, [action("r-2")]),
    sessions.execute(a, [action("r-2")]),
  ];
  while (held.waiting() < 3) await settled();
  held.store();

  const outcomes = (await Promise.all(asked)).map((commit) => commit.outcomes[0]);
  expect(outcomes.map((outcome) => [outcome?.offset, outcome?.isDuplicate])).toEqual([
    [2, true],
    [3, false],
    [3, true],
  ]);
  expect(loaded).toEqual(["a"]);
});

it("waits for room, and refuses when none comes", async () => {
  const { sessions, held } = setUp(10, Promise.resolve(true));
  const begun = sessions.execute(a, [created]);
  await settled();
  held.store();
  expect((await begun).outcomes).toHaveLength(1);

  const full = setUp(10, Promise.resolve(false));
  await expect(full.sessions.execute(a, [created])).rejects.toMatchObject({ code: "overloaded" });
  expect(full.held.waiting()).toBe(0);
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { SessionEvent } from "../../src/domain/event.ts";
import type { Journal, JournalEntry, Position } from "../../src/journal/journal.ts";
import { action, actions } from "../storage/events.ts";

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export async function readOffsets(journal: Journal, after: Position = 0): Promise<number[]> {
  return (await collect(journal.read(after))).map(({ event }) => event.offset);
}

export interface JournalFixture {
  open(): Promise<Journal>;
  /** Where nothing outlives the process, its absence has this reason. */
  reopen: (() => Promise<Journal>) | { missing: string };
}

/** What every adapter of the Journal port promises. */
export function describeJournal(adapter: string, createFixture: () => JournalFixture): void {
  describe(`Journal contract: ${adapter}`, () => {
    let fixture: JournalFixture;
    let journal: Journal;

    beforeEach(async () => {
      fixture = createFixture();
      journal = await fixture.open();
    });
    afterEach(() => journal.close());

    it("starts at position 0 with nothing kept", async () => {
      expect(journal.status()).toEqual({
        condition: "ok",
        position: 0,
        earliest: 1,
        bytes: 0,
        lost: [],
      });
      expect(await collect(journal.read(0))).toEqual([]);
    });

    it("resolves an append with the position of its last event", async () => {
      expect(await journal.append([action(1)])).toBe(1);
      expect(await journal.append(actions(2, 4))).toBe(4);
      expect(journal.status()).toMatchObject({ position: 4, earliest: 1 });
      expect(journal.status().bytes).toBeGreaterThan(0);
    });

    it("stores concurrent appends in call order, each append's events together", async () => {
      const positions = await Promise.all(
        Array.from({ length: 50 }, (_, i) => journal.append(actions(3 * i + 1, 3 * i + 3))),
      );

      expect(positions).toEqual(Array.from({ length: 50 }, (_, i) => 3 * i + 3));
      expect(await readOffsets(journal)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
    });

    it("gives an event back as it was appended", async () => {
      const details = { text: 'é "," \\ \u2028 🎉', ',"data":': ',"_d":5', nested: [{ _c: "x" }] };
      const json = '{ "type": "step", "big": 12345678901234567890, "details": 1e400 }';
      const event = action(1, details, 'id","data":1');
      const verbatim = { ...action(2), json, data: JSON.parse(json) } as SessionEvent;
      await journal.append([event, verbatim]);

      expect(await collect(journal.read(0))).toEqual([
        { position: 1, event },
        { position: 2, event: verbatim },
      ]);
    });

    it("keeps an event whose JSON text has line breaks", async () => {
      const { data } = action(1, { text: "a\nb" });
      const event = {
        ...action(1),
        json: JSON.stringify(data, undefined, 2),
        data,
      } as SessionEvent;
      await journal.append([event, action(2)]);
      const [first, second] = await collect(journal.read(0));

      expect(first?.event.data).toEqual(data);
      expect(JSON.parse(first?.event.json ?? "")).toEqual(data);
      expect(second).toEqual({ position: 2, event: action(2) });
    });

    it("keeps records of a megabyte", async () => {
      const event = action(1, "x".repeat(1_000_000));
      await journal.append([event, action(2), event]);

      expect((await collect(journal.read(0)))[2]).toEqual({ position: 3, event });
    });

    it("stores nothing for an empty append and resolves it after what was appended before", async () => {
      const order: string[] = [];
      await Promise.all([
        journal.append([action(1), action(2)]).then(() => order.push("events")),
        journal.append([]).then((position) => order.push(`empty at ${position}`)),
      ]);

      expect(order).toEqual(["events", "empty at 2"]);
      expect(await journal.append([])).toBe(2);
      expect(journal.status().position).toBe(2);
    });

    it.each([0, 1, 6, 9, 10, 11])("reads what comes after position %i", async (after) => {
      await journal.append(actions(1, 10));

      expect(await readOffsets(journal, after)).toEqual(
        actions(after + 1, 10).map((e) => e.offset),
      );
    });

    it("reads up to the last position that was durable at the call", async () => {
      await journal.append(actions(1, 3));
      const reading = journal.read(0);
      await journal.append(actions(4, 6));

      expect((await collect(reading)).map(({ position }) => position)).toEqual([1, 2, 3]);
    });

    it("does not read what is not yet durable", async () => {
      const appended = journal.append([action(1)]);

      expect(await collect(journal.read(0))).toEqual([]);
      await appended;
    });

    it("tells subscribers each durable entry once and in order, before its append resolves", async () => {
      const applied: JournalEntry[] = [];
      let isResolved = false;
      journal.subscribe({
        applied(entries) {
          expect(isResolved).toBe(false);
          applied.push(...entries);
        },
        failed: () => expect.unreachable(),
      });
      await Promise.all(actions(1, 20).map((event) => journal.append([event])));
      isResolved = true;

      expect(applied).toEqual(await collect(journal.read(0)));
      expect(applied.map(({ position }) => position)).toEqual(actions(1, 20).map((e) => e.offset));
    });

    it("shows a subscriber entries that can be read already", async () => {
      const seen: Promise<number[]>[] = [];
      journal.subscribe({
        applied: () => seen.push(readOffsets(journal)),
        failed: () => expect.unreachable(),
      });
      await journal.append([action(1)]);

      expect(await Promise.all(seen)).toEqual([[1]]);
    });

    it("tells a subscriber nothing after it ended its subscription", async () => {
      const applied: JournalEntry[] = [];
      const end = journal.subscribe({
        applied: (entries) => applied.push(...entries),
        failed: () => expect.unreachable(),
      });
      await journal.append([action(1)]);
      end();
      await journal.append([action(2)]);

      expect(applied.map(({ position }) => position)).toEqual([1]);
    });

    it("reads from the earliest entry kept when older ones are trimmed", async () => {
      for (const event of actions(1, 40)) await journal.append([event]);
      await journal.trim(25);
      const { earliest, position } = journal.status();

      expect(earliest).toBeGreaterThan(1);
      expect(earliest).toBeLessThanOrEqual(26);
      expect(position).toBe(40);
      expect(await readOffsets(journal)).toEqual(actions(earliest, 40).map((e) => e.offset));
    });

    it("never gives a position again after everything was trimmed", async () => {
      await journal.append(actions(1, 5));
      await journal.trim(5);

      expect(await journal.append([action(6)])).toBe(6);
    });

    it("makes everything appended durable when it closes, and refuses appends after that", async () => {
      const appended = Promise.all(actions(1, 10).map((event) => journal.append([event])));
      const closed = journal.close();
      await expect(journal.append([action(11)])).rejects.toMatchObject({ code: "draining" });
      await closed;

      expect(journal.status().position).toBe(10);
      expect(await appended).toEqual(actions(1, 10).map((event) => event.offset));
      await expect(journal.append([])).rejects.toMatchObject({ code: "draining" });
      expect(await readOffsets(journal)).toHaveLength(10);
    });

    it("closes twice like once", async () => {
      await journal.append([action(1)]);
      await Promise.all([journal.close(), journal.close()]);
      await journal.close();

      expect(journal.status().position).toBe(1);
    });

    it("has every acknowledged entry after it is opened again, and goes on after the last position", async ({
      skip,
    }) => {
      if ("missing" in fixture.reopen) return skip(fixture.reopen.missing);
      await journal.append(actions(1, 7));
      const entries = await collect(journal.read(0));
      await journal.close();
      journal = await fixture.reopen();

      expect(await collect(journal.read(0))).toEqual(entries);
      expect(journal.status()).toMatchObject({ position: 7, lost: [] });
      expect(await journal.append([action(8)])).toBe(8);
    });
  });
}

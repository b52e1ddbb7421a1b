import { MemorySaver } from "@langchain/langgraph-checkpoint";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { blobEntries } from "../../src/saving/blob-entries.ts";
import { createChannel } from "../../src/saving/channel.ts";
import { commonPrefix, dump, load, parts } from "../../src/saving/value.ts";

const texts = fc.string({ unit: fc.constantFrom("a", "b", "\u{1F600}", '"') });
const half = /[\uD800-\uDBFF]$/;

describe("a text", () => {
  it("comes in parts that are the text again, none of them with half a character", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 5 }), (text, units) => {
        const found = [...parts(text, units)];
        expect(found.join("")).toBe(text);
        expect(found.length).toBeGreaterThan(0);
        for (const part of found) {
          expect(part.length).toBeLessThanOrEqual(units);
          expect(part).not.toMatch(half);
        }
      }),
    );
  });

  it("has all in common with another that it begins with, but no half character", () => {
    fc.assert(
      fc.property(texts, texts, texts, (same, a, b) => {
        const prefix = commonPrefix(same + a, same + b);
        expect(prefix).toBeGreaterThanOrEqual(same.length);
        expect((same + a).slice(0, prefix)).toBe((same + b).slice(0, prefix));
        expect((same + a).slice(0, prefix)).not.toMatch(half);
      }),
    );
    const long = "x".repeat(10_000);
    expect(commonPrefix(`${long}a`, `${long}b`)).toBe(10_000);
    expect(commonPrefix("\u{1F600}", "\u{1F601}")).toBe(0);
  });
});

describe("a channel", () => {
  it("gives back every value, whichever of them it was written as more of", () => {
    const histories = fc.array(
      fc.record({ value: texts.map((text) => text.repeat(100)), base: fc.nat() }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(histories, (history) => {
        const channel = createChannel();
        for (const [index, { value, base }] of history.entries()) {
          const text = history[base % (index + 1)]?.value ?? "";
          const before = base % (index + 1) < index && {
            checkpoint: String(base % (index + 1)),
            value: { type: "json", text },
          };
          const place = { namespace: "", checkpoint: String(index), channel: "c", version: index };
          for (const entry of blobEntries(
            place,
            { type: "json", text: value },
            before || undefined,
          ))
            channel.add(entry);
        }
        for (const [index, { value }] of history.entries())
          expect(channel.read(String(index))).toEqual({ type: "json", text: value });
      }),
    );
  });

  it("writes only what a growing value has more, and a very large one in parts", () => {
    const place = { namespace: "", checkpoint: "2", channel: "c", version: 2 };
    const before = `["${"x".repeat(1_000)}"]`;
    const base = { checkpoint: "1", value: { type: "json", text: before } };
    const after = { type: "json", text: `${before.slice(0, -1)},"new"]` };
    expect([...blobEntries(place, after, base)]).toEqual([
      { type: "blob", ...place, from: "1", at: 1_003, value: { type: "json", text: ',"new"]' } },
    ]);

    const large = { type: "json", text: `"${"y".repeat(5_000_000)}"` };
    const entries = [...blobEntries(place, large, base)];
    expect(entries.map(({ at, from }) => [at, from])).toEqual([
      [0, undefined],
      [2_097_152, "2"],
      [4_194_304, "2"],
    ]);
    const channel = createChannel();
    for (const entry of [...entries, ...entries]) channel.add(entry);
    expect(channel.read("2")).toEqual(large);
  });

  it("says nothing rather than half of a value when what it builds upon is gone", () => {
    const channel = createChannel();
    const value = { type: "json", text: "more" };
    channel.add({
      type: "blob",
      namespace: "",
      checkpoint: "2",
      channel: "c",
      version: 2,
      from: "1",
      at: 3,
      value,
    });
    expect(channel.has("2")).toBe(true);
    expect(channel.read("2")).toBeUndefined();
  });
});

describe("a value", () => {
  const serde = new MemorySaver().serde;

  it.each([
    ["text", "é \u{1F600} \u0000"],
    ["numbers", [1e21, -0.5, null]],
    ["bytes", new Uint8Array([0, 255, 128])],
    ["a map of sets", new Map([["a", new Set([1])]])],
  ])("comes back: %s", async (_case, value) => {
    const stored = await dump(serde, value);
    expect(await load(serde, JSON.parse(JSON.stringify(stored)))).toEqual(value);
  });

  it("is kept in base64 when a serialiser gives bytes that are no text", async () => {
    const bytes = new Uint8Array([0xff, 0xfe]);
    const odd = {
      dumpsTyped: async () => ["json", bytes] as [string, Uint8Array],
      loadsTyped: async (_type: string, data: unknown) => data,
    };
    const stored = await dump(odd, "anything");
    expect(stored).toMatchObject({ base64: true });
    expect(await load(odd, stored)).toEqual(bytes);
  });
});

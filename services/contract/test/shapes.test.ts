import { describe, expect, it } from "vitest";

import {
  actionInputSchema,
  clientFrameSchema,
  commandSchema,
  createSessionSchema,
  historyQuerySchema,
  listQuerySchema,
  metadataPatchSchema,
  responseInputSchema,
  sessionViewQuerySchema,
  socketQuerySchema,
} from "../src/index.ts";

describe("a record as it is sent", () => {
  it("keeps every member besides the known ones", () => {
    const action = { type: "a", details: { offset: 1 }, tool: "Bash", none: null };
    expect(actionInputSchema.parse(action)).toEqual(action);
  });

  it.each(["offset", "seq", "_c", "_p"])("may not bring the service's own %s", (member) => {
    const issues = actionInputSchema.safeParse({ type: "a", [member]: 1 }).error?.issues;
    expect(issues?.map(({ path }) => path)).toEqual([[member]]);
  });

  it("needs a type when it is an action, and none when it is a response", () => {
    expect(actionInputSchema.safeParse({}).success).toBe(false);
    expect(responseInputSchema.safeParse({}).success).toBe(true);
  });

  it.each([
    ["2026-11-21T04:43:17Z", true],
    ["2026-11-21T04:43:17.123456+05:30", true],
    ["2026-11-21", false],
    ["2026-13-01T00:00:00Z", false],
    [1_763_700_000, false],
  ])("takes or refuses the timestamp %s", (timestamp, isValid) => {
    expect(actionInputSchema.safeParse({ type: "a", timestamp }).success).toBe(isValid);
  });
});

describe("a session as it is created", () => {
  it("refuses members it does not know", () => {
    expect(createSessionSchema.safeParse({ sessionID: "typo" }).success).toBe(false);
  });

  it("tells absent from undefined, which JSON can't say", () => {
    expect(createSessionSchema.parse({})).toEqual({});
  });

  it("has at most 64 labels", () => {
    const labels = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, ""]));
    expect(createSessionSchema.safeParse({ labels: labels(64) }).success).toBe(true);
    expect(createSessionSchema.safeParse({ labels: labels(65) }).success).toBe(false);
  });
});

it("removes with null in a patch of metadata", () => {
  const patch = { name: null, labels: { a: null, b: "1" }, tags: null };
  expect(metadataPatchSchema.parse(patch)).toEqual(patch);
});

it.each([
  [{ type: "action", data: { type: "a" } }, true],
  [{ type: "action", id: "x", data: { type: "a" } }, true],
  [{ type: "action", data: {} }, false],
  [{ type: "session_deleted", data: {} }, false],
  [{ type: "action", data: { type: "a" }, more: 1 }, false],
])("takes or refuses the command %j", (command, isValid) => {
  expect(commandSchema.safeParse(command).success).toBe(isValid);
});

it("finalizes as completed and patches deeply unless a command says otherwise", () => {
  const finalized = commandSchema.parse({ type: "session_finalized", data: {} });
  expect(finalized).toMatchObject({ data: { status: "completed" } });
  const patched = commandSchema.parse({ type: "state_updated", data: { patch: {} } });
  expect(patched).toMatchObject({ data: { mode: "deep" } });
});

describe("a query", () => {
  it("reads numbers, lists and flags from text", () => {
    expect(listQuerySchema.parse({ label: "a:1", limit: "7" })).toEqual({
      label: ["a:1"],
      limit: 7,
      sort: "activity",
    });
    expect(historyQuerySchema.parse({ types: "action,response", after: "3" })).toEqual({
      types: ["action", "response"],
      after: 3,
      limit: 1_000,
      preview: false,
    });
    expect(sessionViewQuerySchema.parse({ fields: "metadata" })).toEqual({
      fields: ["metadata"],
      tail: 100,
    });
    expect(socketQuerySchema.parse({ batch: "1" })).toEqual({ batch: true, preview: false });
  });

  it.each([
    [listQuerySchema, { nonsense: "1" }],
    [listQuerySchema, { label: "nocolon" }],
    [listQuerySchema, { limit: "0" }],
    [historyQuerySchema, { types: "nonsense" }],
    [sessionViewQuerySchema, { tail: "-1" }],
    [socketQuerySchema, { batch: "yes" }],
  ])("refuses what is not its own (%#)", (schema, query) => {
    expect(schema.safeParse(query).success).toBe(false);
  });
});

it.each([
  [{ type: "subscribe", sessions: ["*"] }, true],
  [{ type: "subscribe", sessions: ["a", "b"], after: { a: 0, b: 7 } }, true],
  [{ type: "subscribe", sessions: [] }, false],
  [{ type: "subscribe", sessions: ["../x"] }, false],
  [{ type: "subscribe", sessions: ["a"], after: { a: -1 } }, false],
  [{ type: "unsubscribe", sessions: ["a"] }, true],
  [{ type: "auth", token: "t" }, true],
  [{ type: "auth", token: "" }, false],
  [{ type: "nonsense" }, false],
])("takes or refuses the client's frame %j", (frame, isValid) => {
  expect(clientFrameSchema.safeParse(frame).success).toBe(isValid);
});

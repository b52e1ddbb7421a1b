import { expect, it } from "vitest";

import { createRowBuffer } from "../src/feed/buffer.ts";
import type { Row } from "../src/feed/row.ts";

const row = (position: number): Row => ({
  position,
  offset: position,
  sessionId: "s",
  at: 0,
  kind: "action",
  title: "",
  detail: "",
  outcome: null,
  durationMs: null,
  isBegun: false,
  agentId: null,
});

it("stays bounded, and a row keeps its index while older ones go", () => {
  const buffer = createRowBuffer(5_000);
  for (let position = 1; position <= 20_000; position += 1) buffer.push(row(position));
  expect(buffer.end()).toBe(20_000);
  expect(buffer.end() - buffer.first()).toBeGreaterThanOrEqual(5_000);
  expect(buffer.end() - buffer.first()).toBeLessThanOrEqual(6_000);
  expect(buffer.at(19_999)?.position).toBe(20_000);
  expect(buffer.at(10)).toBe(undefined);
});

it("finds a row by its position, also one that is not there", () => {
  const buffer = createRowBuffer(100);
  for (const position of [2, 4, 6]) buffer.push(row(position));
  expect([1, 2, 3, 6, 7].map((position) => buffer.indexOf(position))).toEqual([0, 0, 1, 2, 3]);
});

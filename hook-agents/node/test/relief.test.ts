import { expect, it } from "vitest";

import { createFate } from "../src/fate.ts";
import { droppedLine, stripLines } from "../src/relief.ts";

const line = (text: string) => ({ text, place: { fate: createFate(), line: 0 } });

it("adds earlier reports to what goes now, and takes no record for one because of its id", () => {
  const record = (id: string, type: string) =>
    line(`${JSON.stringify({ type: "action", id, data: { type } })}\n`);

  const { lines, dropped } = stripLines([
    line(droppedLine(5)),
    record("dropped-by-me", "step"),
    record("r-1", "step"),
  ]);

  expect(dropped).toHaveLength(2);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]?.text ?? "")).toMatchObject({
    data: { type: "records_dropped", details: { records: 7 } },
  });
});

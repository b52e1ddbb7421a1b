import { crc32 } from "node:zlib";

import fc from "fast-check";
import { expect, it } from "vitest";

import { isWholeLine, openLine, sealLine, wholeLineWithin } from "../../src/files/line.ts";

const opens = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((value) => `${JSON.stringify({ ...value, a: 1 }).slice(0, -1)}`);

it("ends a line with the CRC-32 of everything before it, in 8 hex digits", () => {
  const open = '{"text":"é","_d":5';
  const crc = crc32(Buffer.from(open)).toString(16).padStart(8, "0");

  expect(sealLine(open).toString()).toBe(`${open},"_c":"${crc}"}\n`);
});

it("opens what it sealed, still JSON", () => {
  fc.assert(
    fc.property(opens, (open) => {
      const line = sealLine(open);
      const text = openLine(line.subarray(0, -1));
      expect(`${text}\n`).toBe(line.toString());
      expect(JSON.parse(text ?? "")).toMatchObject(JSON.parse(`${open}}`) as object);
    }),
  );
});

it("refuses a line with any byte changed, left out or added", () => {
  fc.assert(
    fc.property(opens, fc.nat(), fc.integer({ min: 1, max: 255 }), (open, where, mask) => {
      const line = sealLine(open).subarray(0, -1);
      const at = where % line.length;
      const flipped = Buffer.from(line);
      flipped[at] = (flipped[at] ?? 0) ^ mask;
      expect(openLine(flipped)).toBeUndefined();
      expect(openLine(line.subarray(0, at))).toBeUndefined();
      expect(openLine(Buffer.concat([line, Buffer.from([mask])]))).toBeUndefined();
    }),
  );
});

it.each(["", "{}", '{"a":1}', '{"a":1,"_c":"00000000"}', ',"_c":"00000000"}'])(
  "refuses %j",
  (text) => {
    expect(isWholeLine(Buffer.from(text))).toBe(false);
  },
);

it("finds the whole line that other bytes follow", () => {
  const line = sealLine('{"a":{"_c":"00000000"},"b":[{"x":1,"_c":"12345678"}]').subarray(0, -1);
  const other = sealLine('{"c":2').subarray(0, -1);

  expect(wholeLineWithin(Buffer.concat([line, Buffer.from("#"), other]))).toBe(line.length);
  expect(wholeLineWithin(Buffer.concat([Buffer.from("#"), line]))).toBeUndefined();
});

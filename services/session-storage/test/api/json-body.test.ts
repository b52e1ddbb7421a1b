import { limits } from "@sessions/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseJson } from "../../src/http/json-body.ts";

const parse = (text: string) => parseJson(Buffer.from(text));
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

it("reads every JSON text as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

describe("numbers", () => {
  it.each([
    "0",
    "-1",
    "9007199254740992",
    // As JavaScript itself prints it, though the double is ...768.
    "1763699999123456800",
    "1e3",
    "1E+2",
    "-0.5",
    "1e308",
    "0.1",
    "0e5",
    "0.30000000000000004",
  ])("takes %s", (text) => {
    expect(parse(`{"n":${text}}`)).toEqual({ n: Number(text) });
  });

  it.each(["1e400", "-1e400", "12345678901234567890", "9007199254740993", "1e-400"])(
    "refuses %s and names its field",
    (text) => {
      expect(() => parse(`{"a":[{"b":1},{"x\\"y":{"n":${text}}}]}`)).toThrowError(
        expect.objectContaining({
          code: "invalid_content",
          errors: [expect.objectContaining({ field: '/a/1/x\\"y/n' })],
        }),
      );
    },
  );

  it("leaves digits in strings alone", () => {
    expect(parse('{"n":"1e400 \\" 12345678901234567890"}')).toEqual({
      n: '1e400 " 12345678901234567890',
    });
  });
});

describe("limits", () => {
  const keys = (count: number) =>
    `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join()}}`;

  it.each([
    ["a record at the depth limit", `{"a":${nested(limits.depth - 1)}}`],
    ["a batch of records at the depth limit", `[{"a":${nested(limits.depth - 1)}}]`],
    ["a record at the key limit", keys(limits.keys)],
    [
      "a batch with more keys than one record may have",
      `[${keys(limits.keys)},${keys(limits.keys)}]`,
    ],
    ["a batch of records at the size limit", `["${"x".repeat(limits.recordBytes - 2)}",1]`],
  ])("takes %s", (_name, text) => {
    expect(() => parse(text)).not.toThrow();
  });

  it.each([
    ["a record that is too deep", `{"a":${nested(limits.depth)}}`, "invalid_content", "64 levels"],
    [
      "a batch with one that is too deep",
      `[{"a":${nested(limits.depth)}}]`,
      "invalid_content",
      "64 levels",
    ],
    ["too many keys", keys(limits.keys + 1), "invalid_content", "10000 keys"],
    [
      "a record that is too large",
      `"${"x".repeat(limits.recordBytes)}"`,
      "payload_too_large",
      "1048576",
    ],
    [
      "a batch with one that is too large",
      `[1,"${"x".repeat(limits.recordBytes)}"]`,
      "payload_too_large",
      "1048576",
    ],
    ["a text that never closes", "[".repeat(100_000), "invalid_content", "64 levels"],
    ["no JSON", '{"a":', "malformed_json", "not JSON"],
  ])("refuses %s", (_name, text, code, message) => {
    expect(() => parse(text)).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("refuses invalid UTF-8", () => {
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrowError(
      expect.objectContaining({ code: "malformed_json" }),
    );
  });
});

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../src/styles/tokens.css", import.meta.url), "utf8");

const pairs = [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)];
const light = new Map(pairs.map(([, name, hex]) => [name, hex]));
const dark = new Map(pairs.map(([, name, , hex]) => [name, hex]));

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["bg", "s1", "s2", "s3"];
const texts = ["text", "text2", "text3"];
const states = ["accent", "waiting", "done", "failed", "stale", "idle"];

describe.each([
  ["dark", dark],
  ["light", light],
])("the %s theme", (_name, tokens) => {
  const of = (name: string) => String(tokens.get(name));

  it.each(grounds.flatMap((ground) => [...texts, ...states].map((text) => [text, ground])))(
    "shows %s on %s with at least 4.5:1",
    (text, ground) => {
      expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(grounds.flatMap((ground) => ["control", "focus"].map((part) => [part, ground])))(
    "draws %s on %s with at least 3:1",
    (part, ground) => {
      expect(contrast(of(part), of(ground))).toBeGreaterThanOrEqual(3);
    },
  );

  it("has a dark ground behind the text of the main button, or a light one", () => {
    expect(contrast(of("bg"), of("accent"))).toBeGreaterThanOrEqual(4.5);
  });
});

import { describe, expect, it } from "vitest";

import { findScript, parseRules, ScriptError } from "../src/script.ts";

const steps = [{ tool: "Bash", input: { command: 'echo "]" [' } }, { text: "done" }];

describe("a script in a prompt", () => {
  it("ends at its own bracket, whatever stands in strings and behind it", () => {
    expect(findScript(`Please. SCRIPT:${JSON.stringify(steps)} [and so on]`)).toEqual(steps);
  });

  it("may carry the script of a subagent inside", () => {
    const prompt = `Look. SCRIPT:${JSON.stringify(steps)}`;
    const outer = [{ tool: "Agent", input: { prompt } }, { text: "ok" }];
    expect(findScript(`SCRIPT:${JSON.stringify(outer)}`)).toEqual(outer);
  });

  it("is undefined in an ordinary prompt", () => {
    expect(findScript("Fix the bug")).toBeUndefined();
  });

  it.each([
    ["an open bracket", 'SCRIPT:[{"text":"a"}'],
    ["no JSON", "SCRIPT:[text]"],
    ["an unknown step", 'SCRIPT:[{"say":"a"}]'],
    ["a tool without input", 'SCRIPT:[{"tool":"Bash"}]'],
    ["an empty parallel step", "SCRIPT:[[]]"],
  ])("is refused with %s", (_name, prompt) => {
    expect(() => findScript(prompt)).toThrow(ScriptError);
  });
});

describe("a script file", () => {
  it("holds steps for every prompt, or rules by text", () => {
    expect(parseRules(steps)).toEqual([{ match: "", steps }]);
    expect(parseRules([{ match: "bug", steps }])).toEqual([{ match: "bug", steps }]);
  });

  it.each([
    ["an object", { steps }],
    ["a match that is no text", [{ match: 1, steps }]],
  ])("is refused when it is %s", (_name, value) => {
    expect(() => parseRules(value)).toThrow(ScriptError);
  });
});

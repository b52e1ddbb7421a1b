import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Exchange, type ScriptedModel, startScriptedModel, type Step } from "../src/index.ts";

let model: ScriptedModel;
let exchanges: Exchange[];

beforeEach(async () => {
  exchanges = [];
  model = await startScriptedModel({
    rules: [{ match: "bug", steps: [{ text: "Fixed." }] }],
    onExchange: (exchange) => exchanges.push(exchange),
  });
});
afterEach(() => model.close());

interface Turn {
  role: string;
  content: unknown;
}
const prompt = (...steps: Step[]): Turn => ({
  role: "user",
  content: `Go. SCRIPT:${JSON.stringify(steps)}`,
});
const assistant: Turn = { role: "assistant", content: [{ type: "text", text: "…" }] };
const toolResult: Turn = { role: "user", content: [{ type: "tool_result", content: "ok" }] };

const post = (messages: Turn[], more: object = {}) =>
  fetch(`${model.url}/v1/messages?beta=true`, {
    method: "POST",
    body: JSON.stringify({ model: "m", tools: [{ name: "Bash" }], messages, ...more }),
  });
const contentOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { content: unknown }).content;

describe("the scripted model", () => {
  const bash = { tool: "Bash", input: { command: "ls" } };

  it("picks the step by the assistant messages since the prompt", async () => {
    const first = prompt(bash, { text: "done" });
    expect(await contentOf(await post([first]))).toMatchObject([
      { type: "tool_use", name: "Bash", input: { command: "ls" } },
    ]);
    expect(await contentOf(await post([first, assistant, toolResult]))).toEqual([
      { type: "text", text: "done" },
    ]);
  });

  it("starts again at the script of a later prompt", async () => {
    const messages = [prompt({ text: "one" }), assistant, prompt({ text: "two" })];
    expect(await contentOf(await post(messages))).toEqual([{ type: "text", text: "two" }]);
  });

  it("calls several tools in one message", async () => {
    const answer = await post([prompt([bash, { tool: "Read", input: { file_path: "/a" } }])]);
    const content = (await contentOf(answer)) as { name: string; id: string }[];
    expect(content.map(({ name }) => name)).toEqual(["Bash", "Read"]);
    expect(content[0]?.id).not.toBe(content[1]?.id);
  });

  it("refuses as often as the script says and then goes on", async () => {
    const messages = [prompt({ status: 529, times: 2 }, { text: "at last" })];
    const first = await post(messages);
    expect(first.status).toBe(529);
    expect(await first.json()).toMatchObject({
      type: "error",
      error: { type: "overloaded_error" },
    });
    expect((await post(messages)).status).toBe(529);
    expect(await contentOf(await post(messages))).toEqual([{ type: "text", text: "at last" }]);
  });

  it("streams the same message in pieces", async () => {
    const input = { command: "x".repeat(200) };
    const usage = { input_tokens: 5, output_tokens: 9 };
    const response = await post([prompt({ tool: "Bash", input, text: "Look:", usage })], {
      stream: true,
    });
    const events = (await response.text())
      .split("\n\n")
      .filter(Boolean)
      .map((event) => JSON.parse(event.split("\ndata: ")[1] ?? "") as StreamedEvent);
    const json = events.flatMap(({ delta }) => delta?.partial_json ?? []).join("");

    expect(JSON.parse(json)).toEqual(input);
    expect(events.map(({ type }) => type).filter((type) => !type.endsWith("delta"))).toEqual([
      "message_start",
      "ping",
      "content_block_start",
      "content_block_stop",
      "content_block_start",
      "content_block_stop",
      "message_stop",
    ]);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" }, usage });
  });

  it("follows the script file when the prompt has no script", async () => {
    const messages = [{ role: "user", content: [{ type: "text", text: "Fix the bug" }] }];
    expect(await contentOf(await post(messages))).toEqual([{ type: "text", text: "Fixed." }]);
  });

  it("does not count a request without tools as a step", async () => {
    const answer = await post([prompt(bash)], { tools: [] });
    expect(await contentOf(answer)).toEqual([{ type: "text", text: "A scripted session" }]);
  });

  it("tells what is wrong with a script", async () => {
    const response = await post([{ role: "user", content: "SCRIPT:[{}]" }]);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringContaining("step 0") as string },
    });
  });

  it("tells every exchange", async () => {
    await (await post([prompt(bash)])).text();
    expect(exchanges).toMatchObject([
      { path: "/v1/messages", status: 200, step: 0, answer: "Bash" },
    ]);
  });
});

interface StreamedEvent {
  type: string;
  delta?: { partial_json?: string };
}

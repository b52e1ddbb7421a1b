import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { startScriptedModel } from "@sessions/scripted-model";
import { describe, expect, it, onTestFinished } from "vitest";

import {
  startService,
  waitForEvent,
} from "../../../hook-agents/claude-code/test/support/service.ts";
import { readmeBlock, readmeParts } from "../src/readme.ts";
import { prepareClaude } from "./support/claude-at-hand.ts";
import { runBlock } from "./support/run-block.ts";
import { cli, ways } from "./support/ways.ts";

/** Inside the checkout, so that its packages are found. */
async function openFolder(): Promise<string> {
  const cache = fileURLToPath(new URL("../../../node_modules/.cache", import.meta.url));
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "newcomer-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** @returns what the block needs to run Claude Code */
async function openClaude(folder: string, prompt: string) {
  const model = await startScriptedModel();
  onTestFinished(() => model.close());
  const { env, close } = await prepareClaude(folder, cli, model.url, prompt);
  onTestFinished(close);
  return env;
}

describe("the README's lines to record an agent", { timeout: 120_000 }, () => {
  it("are all tried here", () => {
    expect(readmeParts("Record an agent")).toEqual(Object.keys(ways));
  });

  it.for(Object.entries(ways))("record one as they stand: %s", async ([name, way], { skip }) => {
    if (way.reason !== undefined) skip(way.reason);
    const folder = await openFolder();
    const service = await startService(join(folder, "volume"));
    onTestFinished(() => service.kill("SIGKILL"));
    const { language, text } = readmeBlock(name);
    const block = { language, text: text.replaceAll("localhost:9000", new URL(service.url).host) };
    const env = {
      SESSION_ID: "newcomer",
      SESSION_SERVICE_URL: service.url,
      SESSION_SPOOL_DIR: join(folder, "spool"),
      ...(way.prompt !== undefined && (await openClaude(folder, way.prompt))),
      ...way.env,
    };
    await runBlock(block, folder, env, way);
    const wanted = containing(way.event);
    const seen = await waitForEvent(service.url, "*", (event) => wanted.asymmetricMatch(event));
    expect(seen.at(-1)).toEqual(wanted);
  });
});

/** An event that has at least these members, at all levels. */
function containing(members: object): { asymmetricMatch(value: unknown): boolean } {
  const inner = Object.entries(members).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === "object" && value !== null ? containing(value) : value,
  ]);
  return expect.objectContaining(Object.fromEntries(inner)) as ReturnType<typeof containing>;
}

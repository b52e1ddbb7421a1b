import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { snippetsFor } from "../src/connect/snippets.ts";
import { type Service, startService } from "./support/service.ts";

const key = "0123456789abcdef";
const run = promisify(execFile);

describe("what a newcomer copies", () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService("/nowhere", { AUTH: "on", API_KEYS: key });
  }, 20_000);
  afterAll(() => service?.close());

  const textOf = (name: string) =>
    snippetsFor(service.url, true).find((snippet) => snippet.name === name)?.text ?? "";
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], KEY: key };

  it.each([
    ["curl", "bash", "-euc"],
    ["Python", "python3", "-c"],
  ])("records with %s as it stands", async (name, program, option) => {
    const before = await actions();
    await run(program, [option, textOf(name)], { env });
    expect(await actions()).toBe(before + 1);
  });

  it("names the service and asks for the key where one is needed only", () => {
    for (const { text } of snippetsFor("http://box:9000", true)) expect(text).toContain("KEY");
    for (const { text } of snippetsFor("http://box:9000", false)) {
      expect(text).toContain("http://box:9000");
      expect(text).not.toContain("KEY");
    }
  });

  async function actions(): Promise<number> {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await fetch(`${service.url}/api/actions/first`, { headers });
    return answer.ok ? ((await answer.json()) as unknown[]).length : 0;
  }
});

import { randomUUID } from "node:crypto";
import { join } from "node:path";

import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildSessionHook } from "../../build.mjs";
import { end, freePort, postHook, spawnRelay, temporaryFolder } from "../support/relay.ts";
import {
  readEvents,
  type Service,
  startService,
  waitForEvent,
  type WireEvent,
} from "../support/service.ts";
import {
  answerLine,
  countStored,
  modeLine,
  readStored,
  transcriptFiles,
  userLine,
} from "../support/transcript.ts";

let folder: string;
let program: string;
const services: Service[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  program = join(folder, "session-hook.mjs");
  await buildSessionHook(folder);
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.kill("SIGKILL");
});

const calls = 120;
const toolHook = (session_id: string, id: number, hook_event_name: string) => ({
  session_id,
  hook_event_name,
  cwd: "/project",
  tool_name: "Bash",
  tool_input: { command: `echo ${id}` },
  tool_use_id: `t${id}`,
  ...(hook_event_name === "PostToolUse" && { tool_response: `${id}` }),
});

/** Neighbours on the machine can only add to it: the quietest hundred of several tells what is ours. */
async function p99OfHundred(
  hookOf: (id: number, event: string) => object,
  port: number,
): Promise<number> {
  const times: number[] = [];
  for (let id = 0; id < 50; id += 1)
    for (const event of ["PreToolUse", "PostToolUse"])
      times.push((await postHook(port, hookOf(id, event))).ms);
  return times.toSorted((a, b) => a - b)[98] ?? Infinity;
}

describe("the relay as a process", () => {
  it("answers within 50 ms in 99 of 100, 12 MB included, while the service is down", async () => {
    const relay = await spawnRelay(program, {
      SESSION_HOOK_PORT: String(await freePort()),
      SESSION_SERVICE_URL: "http://127.0.0.1:9",
      SESSION_SPOOL_DIR: join(folder, "spool-latency"),
    });
    const p99s: number[] = [];
    for (let hundred = 0; hundred < 8; hundred += 1)
      p99s.push(
        await p99OfHundred(
          (id, event) => toolHook("latency", 50 * hundred + id, event),
          relay.port,
        ),
      );
    const text = "x".repeat(12_000_000);
    const large = { ...toolHook("latency", -1, "PostToolUse"), tool_input: { text } };
    const answer = await postHook(relay.port, large);
    await end(relay.child, "SIGTERM");

    expect(answer.status).toBe(204);
    const p99 = Math.min(...p99s);
    process.stdout.write(
      `hook latency: p99 ${p99.toFixed(1)} ms, 12 MB ${answer.ms.toFixed(1)} ms\n`,
    );
    expect(p99).toBeLessThan(50);
  }, 60_000);

  it("answers within 50 ms in 99 of 100 while it ships 30 MB of transcripts", async () => {
    const service = await startService(join(folder, "store-latency"));
    services.push(service);
    const files = transcriptFiles(await temporaryFolder());
    await files.write(Array.from({ length: 1_500 }, () => userLine("x".repeat(20_000))));
    const relay = await spawnRelay(program, {
      SESSION_HOOK_PORT: String(await freePort()),
      SESSION_SERVICE_URL: service.url,
      SESSION_SPOOL_DIR: join(folder, "spool-shipping"),
    });
    const session_id = files.claudeSession;
    const all = { session_id, transcript_path: files.path };
    await postHook(relay.port, { ...all, hook_event_name: "SessionStart", source: "startup" });
    const p99s: number[] = [];
    while ((await countStored(service.url, session_id)) !== 1_500)
      p99s.push(
        await p99OfHundred(
          (id, event) => ({ ...toolHook(session_id, id, event), ...all }),
          relay.port,
        ),
      );
    await end(relay.child, "SIGTERM");
    const p99 = Math.min(...p99s);
    process.stdout.write(
      `hook latency while shipping: p99 ${p99.toFixed(1)} ms, of ${p99s.length} hundreds\n`,
    );
    expect(p99).toBeLessThan(50);
  }, 60_000);
});

describe("kill -9 of the relay", () => {
  it.each([
    ["with the service down all the time", false],
    ["with the service up", true],
  ])(
    "loses and doubles nothing that was answered: %s",
    async (_name, isUp) => {
      const sessionId = randomUUID();
      const servicePort = await freePort();
      const start = async () =>
        services.push(await startService(join(folder, sessionId), servicePort));
      if (isUp) await start();
      const env = {
        SESSION_HOOK_PORT: String(await freePort()),
        SESSION_SERVICE_URL: `http://127.0.0.1:${servicePort}`,
        SESSION_SPOOL_DIR: join(folder, `spool-${sessionId}`),
      };

      for (let id = 0, relay = await spawnRelay(program, env); ; id += 1) {
        await postHook(relay.port, toolHook(sessionId, id, "PreToolUse"));
        if (id % 30 === 29) {
          // The kill falls between a call's two hooks, and close behind the first one's answer.
          await end(relay.child, "SIGKILL");
          relay = await spawnRelay(program, env);
        }
        await postHook(relay.port, toolHook(sessionId, id, "PostToolUse"));
        if (id === calls - 1) {
          await postHook(relay.port, { ...toolHook(sessionId, 0, "SessionEnd"), reason: "other" });
          if (!isUp) await start();
          await end(relay.child, "SIGTERM");
          break;
        }
      }

      const events = await readEvents(`http://127.0.0.1:${servicePort}`, sessionId);
      const actions = events.filter(({ data }) => data["type"] === "tool_use");
      expect(actions.map(({ data }) => (data["details"] as { output: string }).output)).toEqual(
        Array.from({ length: calls }, (_, id) => String(id)),
      );
      // Each call shows once when it begins and once when it ends; the session when it ends.
      expect(events.filter(({ type }) => type === "state_updated")).toHaveLength(2 * calls + 1);
      expect(events.filter(({ type }) => type === "session_finalized")).toHaveLength(1);
      expect(events.filter(({ type }) => type === "session_created")).toHaveLength(1);
    },
    60_000,
  );

  it.each([
    ["with the service down for most of it", false],
    ["with the service up", true],
  ])(
    "loses and doubles no line of a transcript: %s",
    async (_name, isUp) => {
      const files = transcriptFiles(await temporaryFolder());
      const session_id = files.claudeSession;
      const servicePort = await freePort();
      const start = async () =>
        services.push(await startService(join(folder, session_id), servicePort));
      if (isUp) await start();
      const env = {
        SESSION_HOOK_PORT: String(await freePort()),
        SESSION_SERVICE_URL: `http://127.0.0.1:${servicePort}`,
        SESSION_SPOOL_DIR: join(folder, `spool-${session_id}`),
      };
      const hook = (hook_event_name: string) =>
        postHook(relay.port, { session_id, transcript_path: files.path, hook_event_name });

      let relay = await spawnRelay(program, env);
      await hook("SessionStart");
      const lines: object[] = [];
      for (let id = 0; id < 400; id += 1) {
        // Without a uuid and all alike, as the CLI writes some.
        const line = id % 3 === 0 ? modeLine("normal") : answerLine(`${id}`);
        lines.push(line);
        await files.write([line]);
        if (id % 10 === 0) await hook("PostToolBatch");
        if (id % 100 !== 99) continue;
        await end(relay.child, "SIGKILL");
        relay = await spawnRelay(program, env);
      }
      if (!isUp) await start();
      await hook("SessionEnd");
      const url = `http://127.0.0.1:${servicePort}`;
      let shipped = 0;
      const isLast = ({ type }: WireEvent) =>
        type === "transcript_entry" && ++shipped === lines.length;
      await waitForEvent(url, session_id, isLast);
      await end(relay.child, "SIGTERM");
      expect(await readStored(url, session_id)).toEqual(lines);
    },
    60_000,
  );
});

import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { containers } from "../support/containers.ts";
import { readEvents } from "../support/service.ts";
import { readStored, transcriptFiles, userLine } from "../support/transcript.ts";

const here = containers();

describe("a session that another writer has", () => {
  it("is not restored while that lives, and nothing is left behind", async () => {
    const { files } = await here.leaveInMidTurn();
    const config = here.config("second");
    const { out, err, code } = await here.restore(config, [files.claudeSession]);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "lease_held" } });
    expect(err).toMatch(/^session-hook restore: .+ writes session .+ now, until .+ s\) if it/);
    expect(await readdir(config.claudeDirectory)).toEqual(["spool"]);
  });

  it("is restored without force once that has let go", async () => {
    const { files, relay, hook } = await here.leaveInMidTurn();
    await hook("SessionEnd", { reason: "other" });
    await relay.close({ timeoutMs: 5_000 });
    const { report, code } = await here.restore(here.config("second"), [files.claudeSession]);
    expect(code).toBe(0);
    expect(report.lease?.epoch).toBe(2);
  });

  it("is taken by force, and the first writer is left out from then on", async () => {
    const { files, hook, relay } = await here.leaveInMidTurn();
    await here.restore(here.config("second"), [files.claudeSession, "--force"]);
    await files.write([userLine("late")]);
    await hook("PostToolUse", { tool_name: "Bash", tool_use_id: "t1", tool_response: "late" });
    await hook("SessionEnd", { reason: "other" });
    await relay.close({ timeoutMs: 5_000 });
    const events = await readEvents(here.url(), files.claudeSession);
    expect(events.at(-1)).toMatchObject({ type: "lease_acquired", data: { reason: "forced" } });
  });

  it("goes on in a copy with --fork, and is left alone", async () => {
    const { files, main } = await here.leaveInMidTurn();
    const before = await readEvents(here.url(), files.claudeSession);
    const config = here.config("second");
    const { report } = await here.restore(config, [files.claudeSession, "--fork"]);
    expect(report).toMatchObject({ parentSession: files.claudeSession, lease: null });
    expect(report.command).toEqual([
      "claude",
      "--resume",
      files.claudeSession,
      "--fork-session",
      "--session-id",
      report.sessionId,
    ]);

    // What the CLI makes of it: the whole conversation in a file of the new id.
    const fork = transcriptFiles(config.claudeDirectory, report.claudeSession);
    await fork.write([...main, userLine("Go on")]);
    const relay = await here.open(config);
    const hook = here.hookTo(relay, fork);
    await hook("SessionStart", { source: "fork" });
    await hook("SessionEnd", { reason: "other" });
    await relay.close({ timeoutMs: 5_000 });
    expect(await readStored(here.url(), report.sessionId)).toHaveLength(main.length + 1);
    const forked = await readEvents(here.url(), report.sessionId);
    expect(forked[0]?.data).toMatchObject({ parentSession: files.claudeSession });
    expect(forked.find(({ data }) => data["type"] === "session_restored")?.data).toMatchObject({
      details: { forkOf: files.claudeSession },
    });
    expect(await readEvents(here.url(), files.claudeSession)).toEqual(before);
  });

  it("is not touched while Claude runs here with it", async () => {
    const { files, relay } = await here.leaveInMidTurn();
    const claude = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    try {
      await fetch(`http://127.0.0.1:${relay.port}/hook`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-claude-pid": String(claude.pid) },
        body: JSON.stringify({ session_id: files.claudeSession, hook_event_name: "PreToolUse" }),
      });
      const config = here.config("first", { port: relay.port });
      const { out, code } = await here.restore(config, [files.claudeSession, "--force"]);
      expect(code).toBe(3);
      expect(JSON.parse(out)).toMatchObject({ error: { code: "running_here" } });
    } finally {
      claude.kill("SIGKILL");
    }
  });
});

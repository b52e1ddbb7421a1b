import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { buildSessionHook } from "../../build.mjs";
import { createSettings } from "../../src/settings.ts";
import { freePort, temporaryFolder } from "../support/relay.ts";

let program: string;
let spool: string;
let port: number;

beforeAll(async () => {
  const folder = await temporaryFolder();
  program = join(folder, "session-hook.mjs");
  await buildSessionHook(folder);
});
beforeEach(async () => {
  spool = join(await temporaryFolder(), "spool");
  port = await freePort();
});
afterEach(async () => {
  // Several may have been started, and one that lost the port would take it when the other ends.
  for (const pid of await relaysOf(spool)) process.kill(pid, "SIGKILL");
});

async function relaysOf(spoolDirectory: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const relays = await Promise.all(
    pids.map(async (pid) => {
      // Processes come and go while they are listed.
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      return environment.split("\0").includes(`SESSION_SPOOL_DIR=${spoolDirectory}`) ? [pid] : [];
    }),
  );
  return relays.flat();
}

interface Status {
  pid: number;
  claudeSessions: Record<string, { life: string }>;
}
async function status(): Promise<Status | undefined> {
  try {
    return (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as Status;
  } catch {
    // No relay, which is what some of these tests are about.
    return undefined;
  }
}

async function sessionHook(
  args: string[],
  stdin = "",
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      PATH: process.env["PATH"],
      HOME: spool,
      SESSION_HOOK_PORT: String(port),
      SESSION_SPOOL_DIR: spool,
      SESSION_SERVICE_URL: "http://127.0.0.1:9",
      ANTHROPIC_API_KEY: "secret",
      ...env,
    },
  });
  child.stdin.end(stdin);
  const [[code], stdout, stderr] = await Promise.all([
    once(child, "exit") as Promise<[number]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}
const silent = { code: 0, stdout: "", stderr: "" };
const hook = JSON.stringify({ session_id: "s1", hook_event_name: "SessionStart", cwd: "/project" });

describe("session-hook start", () => {
  it("starts the relay, hands on the hook and says nothing", async () => {
    expect(await sessionHook(["start"], hook)).toEqual(silent);
    expect((await status())?.claudeSessions).toHaveProperty("s1");
  });

  it("uses the relay that is there", async () => {
    await sessionHook(["start"], hook);
    const before = await status();
    expect(await sessionHook(["start"], hook.replace("s1", "s2"))).toEqual(silent);
    const after = await status();
    expect(after?.pid).toBe(before?.pid);
    expect(Object.keys(after?.claudeSessions ?? {})).toEqual(["s1", "s2"]);
  });

  it("starts one relay when several sessions begin at once", async () => {
    const sessions = ["a", "b", "c"];
    const results = await Promise.all(
      sessions.map((id) => sessionHook(["start"], hook.replace("s1", id))),
    );
    expect(results).toEqual([silent, silent, silent]);
    expect(Object.keys((await status())?.claudeSessions ?? {}).toSorted()).toEqual(sessions);
  });

  it("knows the Claude process behind the shell that runs it", async () => {
    const shell = spawn("sh", ["-c", `"${process.execPath}" "${program}" start; true`], {
      env: {
        PATH: process.env["PATH"],
        SESSION_HOOK_PORT: String(port),
        SESSION_SPOOL_DIR: spool,
      },
    });
    shell.stdin.end(hook);
    await once(shell, "exit");
    // The first ancestor that is no shell is this test's process.
    expect(Object.values((await status())?.claudeSessions ?? {})).toMatchObject([
      { life: "running" },
    ]);
  });

  it("keeps the agent's keys from the relay", async () => {
    await sessionHook(["start"], hook);
    const environment = await readFile(`/proc/${(await status())?.pid}/environ`, "utf8");
    expect(environment).not.toContain("ANTHROPIC_API_KEY");
    expect(environment).toContain("SESSION_SERVICE_URL");
  });

  it.each([
    ["nothing on stdin", ""],
    ["what is no hook", "{"],
  ])("exits with 0 on %s", async (_name, stdin) => {
    expect(await sessionHook(["start"], stdin)).toEqual(silent);
  });

  it("leaves the hook for a later relay when something else has the port", async () => {
    const other = createServer((_req, res) => res.writeHead(404).end()).listen(port, "127.0.0.1");
    await once(other, "listening");
    expect(await sessionHook(["start"], hook)).toEqual(silent);
    const [name = ""] = await readdir(join(spool, "inbox"));
    expect(await readFile(join(spool, "inbox", name), "utf8")).toContain('"session_id":"s1"');
    other.close();
    await once(other, "close");
    await sessionHook(["start"], hook.replace("s1", "s2"));
    expect(Object.keys((await status())?.claudeSessions ?? {}).toSorted()).toEqual(["s1", "s2"]);
  });

  it("exits with 0 and says nothing when the spool can't be written", async () => {
    await writeFile(spool, "a file in the place of the folder");
    expect(await sessionHook(["start"], hook)).toEqual(silent);
  });
});

describe("session-hook settings", () => {
  it("prints settings that name this program and port", async () => {
    const { code, stdout } = await sessionHook(["settings"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(createSettings(port, `node '${program}'`));
  });

  it("are the same in the drop-in", async () => {
    const path = new URL("../../managed-settings.d/session-hook.json", import.meta.url);
    const program = "node /etc/claude-code/managed-settings.d/session-hook.mjs";
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(createSettings(9_100, program));
  });

  it("give every hook a timeout, and name none that steers the CLI", () => {
    const { hooks } = createSettings(9_100, "session-hook");
    const all = Object.values(hooks).flatMap((groups) => groups.flatMap((group) => group.hooks));
    expect(all.every(({ timeout }) => timeout > 0 && timeout <= 5)).toBe(true);
    expect(hooks).not.toHaveProperty("WorktreeCreate");
    expect(hooks["SessionStart"]?.[0]?.hooks[0]?.type).toBe("command");
  });
});

describe("session-hook doctor", () => {
  it("tells what is wrong", async () => {
    const { code, stdout } = await sessionHook(["doctor"], "", { SESSION_HOOK_IDLE_MS: "soon" });
    expect(code).toBe(1);
    expect(stdout).toContain("FAIL settings  SESSION_HOOK_IDLE_MS must be a whole number");
    expect(stdout).toMatch(/FAIL service .*127\.0\.0\.1:9/);
  });

  it("tells what only has not happened yet, and what to do", async () => {
    const { stdout } = await sessionHook(["doctor"]);
    expect(stdout).toMatch(/-- {3}relay .*none at the moment/);
    expect(stdout).toContain(`claude --settings "$(node '${program}' settings)"`);
    expect(stdout).toMatch(/ok {3}spool .* 0 files/);
  });

  it("tells that the spool can't be written, and that something else has the port", async () => {
    await writeFile(spool, "a file in the place of the folder");
    const other = createServer((_req, res) => res.end("hello")).listen(port, "127.0.0.1");
    await once(other, "listening");
    const { stdout } = await sessionHook(["doctor"]);
    other.close();
    expect(stdout).toMatch(/FAIL spool .*is not a folder/);
    expect(stdout).toMatch(/FAIL relay .*something else answers/);
  });
});

describe("session-hook run", () => {
  it("runs the program beside a relay and hands on its exit code", async () => {
    const script = `fetch("http://127.0.0.1:${port}/status").then(() => process.exit(7), () => setTimeout(() => eval(s), 20))`;
    const program = ["-e", `const s = ${JSON.stringify(script)}; eval(s)`];
    const { code } = await sessionHook(["run", "--", process.execPath, ...program]);
    expect(code).toBe(7);
    expect(await status()).toBeUndefined();
  });

  it("starts the relay again when it is killed", async () => {
    const script = `
      const get = () => fetch("http://127.0.0.1:${port}/status").then((r) => r.json()).catch(() => undefined);
      let first;
      (async function look() {
        const now = await get();
        if (now && first === undefined) {
          first = now.pid;
          setTimeout(() => process.kill(first, "SIGKILL"), 1100);
        }
        if (now && now.pid !== first) process.exit(9);
        setTimeout(look, 20);
      })();`;
    const { code } = await sessionHook(["run", "--", process.execPath, "-e", script]);
    expect(code).toBe(9);
  });

  it("hands on signals, and tells how the program ended", async () => {
    const script = 'process.kill(process.ppid, "SIGTERM"); setInterval(() => {}, 1_000);';
    const { code } = await sessionHook(["run", "--", process.execPath, "-e", script]);
    // 128 + 15, SIGTERM.
    expect(code).toBe(143);
  });

  it("exits as a shell does when there is no such program", async () => {
    expect((await sessionHook(["run", "--", "no-such-program"])).code).toBe(127);
  });
});

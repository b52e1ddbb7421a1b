import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

import { describe, expect, it, onTestFinished } from "vitest";

import { findProcess, lifeOf, thisProcess } from "../src/process.ts";

/** @returns the process, and the first line that it wrote */
async function start(file: string, args: string[]): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  return { child, line: chunk.toString().trim() };
}

const self = thisProcess();
const fieldsOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");

describe.skipIf(process.platform !== "linux")("a process (Linux: needs /proc)", () => {
  it("is alive while it runs and gone once it has ended", async () => {
    const { child } = await start("sh", ["-c", "echo; exec sleep 20"]);
    const known = findProcess(child.pid ?? 0);
    if (!known) throw new Error("it runs");
    expect(known).toMatchObject({ parentPid: process.pid, realm: self.realm });
    expect(lifeOf(known)).toBe("alive");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(lifeOf(known)).toBe("gone");
  });

  it("is gone as a zombie, which nobody has looked after yet", async () => {
    const script = "exec 3<&0; cat <&3 & echo $!; exec sleep 20";
    const { child, line } = await start("sh", ["-c", script]);
    const pid = Number(line);
    // From then on it has a parent that never looks; and it ends with its input.
    while (findProcess(child.pid ?? 0)?.name !== "sleep") await new Promise(setImmediate);
    child.stdin?.end();
    while (fieldsOf(pid)[2] !== "Z") await new Promise(setImmediate);
    // proc(5): starttime is field 22.
    expect(lifeOf({ pid, startTicks: fieldsOf(pid)[21] ?? "", realm: self.realm })).toBe("gone");
    expect(findProcess(pid)).toBeUndefined();
  });

  it("is unknown when it is of another container", () => {
    expect(lifeOf({ ...self, realm: "boot-4" })).toBe("unknown");
  });

  it("may have a name with brackets and spaces", async () => {
    const program = 'process.title = "a) R 1 (b"; console.log("ready"); setInterval(() => {}, 1e4)';
    const { child } = await start(process.execPath, ["-e", program]);
    expect(findProcess(child.pid ?? 0)).toMatchObject({
      name: "a) R 1 (b",
      parentPid: process.pid,
    });
  });
});

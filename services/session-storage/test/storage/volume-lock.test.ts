import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it, onTestFinished } from "vitest";

import { lockVolume } from "../../src/files/volume-lock.ts";
import { bundleChild, startChild } from "./children/child.ts";

const holder = bundleChild("lock-holder");

async function makeVolume(): Promise<string> {
  const volume = await mkdtemp(join(tmpdir(), "volume-"));
  onTestFinished(() => rm(volume, { recursive: true, force: true }));
  return volume;
}

it("lets one of eight racing processes win, and another one after kill -9 of the winner", async () => {
  const volume = await makeVolume();
  const path = join(volume, "LOCK");
  const children = Array.from({ length: 8 }, () => startChild(process.execPath, [holder, path]));
  onTestFinished(async () => {
    for (const child of children) child.process.kill("SIGKILL");
    await Promise.all(children.map(({ closed }) => closed));
  });
  const outcomes = await Promise.all(
    children.map(async ({ lines }) => (await lines.next()).value as string),
  );

  const refused = `Error: another service holds the volume ${volume}`;
  expect(outcomes.toSorted()).toEqual([...Array<string>(7).fill(refused), "won"]);
  expect(() => lockVolume(path)).toThrow(`another service holds the volume ${volume}`);

  const winner = children[outcomes.indexOf("won")];
  winner?.process.kill("SIGKILL");
  await winner?.closed;
  lockVolume(path).release();
});

it("holds against the same process too, until it is released", async () => {
  const path = join(await makeVolume(), "LOCK");
  const lock = lockVolume(path);
  expect(() => lockVolume(path)).toThrow("another service holds the volume");
  lock.release();
  lockVolume(path).release();
});

it("names util-linux when the command flock is missing", async () => {
  const volume = await makeVolume();
  const child = startChild(process.execPath, [holder, join(volume, "LOCK")], { PATH: volume });
  expect((await child.lines.next()).value).toMatch(/install the package util-linux/);
  await child.closed;
});

it("says which volume it cannot open", () => {
  expect(() => lockVolume("/does/not/exist/LOCK")).toThrow("/does/not/exist/LOCK");
});

import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

import { createHookAgent } from "@sessions/hook-agent";

import { scriptedModels } from "./models.ts";
import { solve } from "./solve.ts";

const { SESSION_ID = "email", EMAILS_DIR, AT_ONCE = "3", THINK_MS = "0" } = process.env;
const closeTimeoutMs = 30_000;
const emails = EMAILS_DIR
  ? pathToFileURL(`${EMAILS_DIR}/`)
  : new URL("../emails/", import.meta.url);
const answers = new URL("../answers/", import.meta.url);

/** @returns whether the mail was answered and all of its record is stored */
async function take(file: string): Promise<boolean> {
  const name = basename(file, ".eml");
  const sessionId = `${SESSION_ID}-${name}`;
  const agent = createHookAgent({
    sessionId,
    session: { name, labels: { app: "email-solver" }, initial: { file } },
    flushOnExit: false,
  });
  const loadModels = () => scriptedModels(new URL(`${name}.json`, answers), Number(THINK_MS));
  const isSolved = await solve(new URL(file, emails), loadModels, agent);
  const isStored = await agent.close({ timeoutMs: closeTimeoutMs });
  console.log(
    `${sessionId}: ${isSolved ? "solved" : "failed"}${isStored ? "" : ", not stored yet"}`,
  );
  return isSolved && isStored;
}

const waiting = (await readdir(emails)).filter((file) => file.endsWith(".eml")).toSorted();
const done: boolean[] = [];
async function takeNext(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift())
    done.push(await take(file));
}
await Promise.all(Array.from({ length: Number(AT_ONCE) }, takeNext));
process.exitCode = done.every(Boolean) ? 0 : 1;

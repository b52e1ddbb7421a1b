import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startService } from "../../../hook-agents/claude-code/test/support/service.ts";
import { expectationsOf } from "../src/expectations.ts";
import { failuresOf, tableOf } from "../src/table.ts";
import type { Told } from "../src/told.ts";
import { type Reading, type Report, readAll, validate } from "../src/validate.ts";
import { runApplication } from "./support/application.ts";

// Claude Code needs its container.
const expectations = expectationsOf("1", ["customer-comm", "email-solver"]);
const customer = "test-customer-1";
const mail = "test-email-1-01-refund";

let folder: string;
let volume: string;
let reading: Reading;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "validation-"));
  volume = join(folder, "volume");
  const service = await startService(volume);
  const environment = {
    SESSION_SERVICE_URL: service.url,
    SESSION_SPOOL_DIR: join(folder, "spool"),
    THINK_MS: "20",
  };
  await Promise.all([
    runApplication("customer-comm", { ...environment, SESSION_ID: customer }),
    runApplication("email-solver", { ...environment, SESSION_ID: "test-email-1" }),
  ]);
  reading = await readAll({ baseUrl: service.url }, expectations);
  await service.kill("SIGTERM");
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const failed = (reports: readonly Report[]) =>
  reports.flatMap(({ checks }) => checks.filter(({ ok }) => !ok).map(({ name }) => name));

describe("what the examples record", () => {
  it("has nothing wrong, by the API and by the files", async () => {
    const reports = await validate(reading, volume, expectations);

    expect(failuresOf(reports)).toEqual([]);
    expect(tableOf(reports).split("\n")).toHaveLength(1 + expectations.length + 1);
    expect(tableOf(reports)).toMatch(/^test-customer-1 +completed +16 +1 +3\/3 +5 +(\d+)\/\1$/m);
  });
});

/** Of a session's folder in a copy of the volume. */
type Damage = (path: (file: string) => string) => Promise<void>;

const edit = async (path: string, change: (text: string) => string) => {
  const text = await readFile(path, "utf8");
  expect(change(text)).not.toBe(text);
  await writeFile(path, change(text));
};
const editLines = (path: string, change: (lines: string[]) => string[]) =>
  edit(path, (text) =>
    change(text.trimEnd().split("\n"))
      .map((line) => `${line}\n`)
      .join(""),
  );

describe("the validation sees on the volume", () => {
  it.each<[string, Damage, string[]]>([
    [
      "a line that is lost",
      (path) => editLines(path("actions.jsonl"), (lines) => lines.toSpliced(3, 1)),
      ["actions.jsonl counts its lines", "the files, merged by offset, are the history"],
    ],
    [
      "the last line that is lost",
      (path) => editLines(path("responses.jsonl"), () => []),
      ["the files, merged by offset, are the history", "metadata.json counts the lines"],
    ],
    [
      "a line that is there twice",
      (path) => editLines(path("changes.jsonl"), (lines) => [...lines, lines.at(-1) ?? ""]),
      ["changes.jsonl counts its lines", "the files, merged by offset, are the history"],
    ],
    [
      "lines in the wrong order",
      (path) => editLines(path("actions.jsonl"), (lines) => lines.toReversed()),
      ["actions.jsonl counts its lines"],
    ],
    [
      "a changed letter in a line",
      (path) => edit(path("actions.jsonl"), (text) => text.replace("succeeded", "succeeder")),
      ["actions.jsonl has sealed lines of JSON"],
    ],
    [
      "a line that is not ended",
      (path) => edit(path("actions.jsonl"), (text) => text.trimEnd()),
      ["actions.jsonl has sealed lines of JSON"],
    ],
    [
      "a state of another time",
      (path) => edit(path("state.json"), (text) => text.replace('"completed"', '"in_progress"')),
      ["state.json is the state"],
    ],
    [
      "a state that says another offset",
      (path) =>
        edit(path("state.json"), (text) => text.replace(/"asOfOffset": (\d)/, '"asOfOffset": 9$1')),
      ["state.json is as of the last event"],
    ],
    [
      "metadata of another time",
      (path) => edit(path("metadata.json"), (text) => text.replace('"actions": 1', '"actions": 2')),
      ["metadata.json is the metadata"],
    ],
    ["a missing end", (path) => rm(path("final.json")), ["final.json is the end"]],
    [
      "another beginning",
      (path) => writeFile(path("initial.json"), "{}\n"),
      ["initial.json is what it was created with"],
    ],
    [
      "a file that is no JSON",
      (path) => writeFile(path("final.json"), '{"status":'),
      ["its files can be read"],
    ],
    [
      "a session that is gone",
      (path) => rm(path(""), { recursive: true }),
      ["its files can be read", "so has the volume"],
    ],
    ["a session that nobody expects", (path) => mkdir(path("../another")), ["so has the volume"]],
  ])("%s", async (_name, damage, expected) => {
    const copy = await mkdtemp(join(folder, "copy-"));
    await cp(join(volume, "sessions"), join(copy, "sessions"), { recursive: true });
    await damage((file) => join(copy, "sessions", customer, file));

    const reports = await validate(reading, copy, expectations);

    expect(failed(reports)).toEqual(expect.arrayContaining(expected));
  });
});

/** Of what the service tells of a session. */
type Lie = (told: Told) => void;

describe("the validation sees in what the service tells", () => {
  it.each<[string, string, Lie, string[]]>([
    [
      "an event that is lost",
      customer,
      ({ events }) => events.splice(5, 1),
      ["offsets are gap-free", "the files, merged by offset, are the history"],
    ],
    [
      "an action that is there twice",
      customer,
      ({ actions }) => actions.splice(1, 0, ...actions.slice(0, 1)),
      ["each log counts its records", "the logs are the history's"],
    ],
    [
      "a record that came twice",
      mail,
      ({ events }) => {
        const [first, second] = events.filter(({ type }) => type === "action");
        if (first && second) second.data["id"] = first.data["id"];
      },
      ["no record is there twice"],
    ],
    [
      "positions that stand still",
      mail,
      ({ events }) => events.forEach((event) => (event.position = 1)),
      ["positions grow"],
    ],
    [
      "a goal that is not what became of it",
      customer,
      ({ view }) => view.state.goals.forEach((goal) => (goal.status = "blocked")),
      ["the goals are what became of them", "the counts are right"],
    ],
    [
      "an agent that still runs",
      customer,
      ({ view }) => {
        view.metadata.counts.agentsRunning = 1;
        view.state.agents.forEach((agent) => (agent.status = "running"));
      },
      [
        "the agents are what became of them",
        "the counts are right",
        "the specialists are the governor's, one failed and came again",
      ],
    ],
    [
      "a session that never ended",
      customer,
      ({ view, events }) => {
        view.final = null;
        events.pop();
      },
      ["it ends with its finalization", "it is completed", "its status is that of its end"],
    ],
    [
      "a tool whose failure is not told",
      customer,
      ({ actions }) =>
        actions.forEach((action) =>
          Object.assign(Object(action["details"]), { outcome: "succeeded" }),
        ),
      ["the tools are there, the failure with its reason", "each run of a node is an action"],
    ],
    [
      "an answer to another mail",
      mail,
      ({ responses }) => responses.forEach((response) => (response["content"] = "Dear Ada")),
      ["it is answered once, to the point", "the answer is the session's end"],
    ],
  ])("%s", async (_name, sessionId, lie, expected) => {
    const sessions = structuredClone(new Map(reading.sessions));
    lie(sessions.get(sessionId) as Told);

    const reports = await validate({ ...reading, sessions }, volume, expectations);

    expect(failed(reports)).toEqual(expect.arrayContaining(expected));
  });

  it("that it knows nothing of a session", async () => {
    const sessions = new Map(reading.sessions).set(customer, "GET …: 404");
    const sessionIds = reading.sessionIds.filter((id) => id !== customer);

    const reports = await validate({ sessionIds, sessions }, volume, expectations);

    expect(failuresOf(reports)[0]).toContain('the service tells of it\n     "GET …: 404"');
    expect(failed(reports)).toContain("the service has these sessions and no others");
  });

  it("that mails were solved one after another", async () => {
    const sessions = structuredClone(new Map(reading.sessions));
    let position = 0;
    for (const told of sessions.values())
      (told as Told).events.forEach((event) => (event.position = position += 1));

    expect(failed(await validate({ ...reading, sessions }, volume, expectations))).toContain(
      "several mails were solved at once",
    );
  });
});

// Compares what is kept of a session that went on in other containers with what they had.
//   node resume-history.mjs fork EVENTS TRANSCRIPT PARENT          a fork has the conversation, and is a child
//   node resume-history.mjs left LOCAL STORED                      what a killed container leaves; LOCAL is its file
//   node resume-history.mjs whole EVENTS STORED LOCAL MODEL-LOG SESSION HOST…    HOST…: who had it, in order
import { readFileSync } from "node:fs";

const readEvents = (path) => JSON.parse(readFileSync(path, "utf8")).events;
const readLines = (path) => readFileSync(path, "utf8").split("\n").filter(Boolean);
const actionsOf = (events, type) =>
  events.filter(({ data }) => data.type === type).map(({ data }) => data.details);

/** A killed container may have written for a moment what nobody has read. */
const lastMomentMs = 2_500;
const timeOf = (line) => Date.parse(JSON.parse(line).timestamp);

function fork(events, stored, parent) {
  return {
    "it is a child of the session": events[0]?.data.parentSession === parent,
    "it has the whole conversation":
      stored.some((line) => line.includes("echo fork")) &&
      stored.some((line) => line.includes("Look. SCRIPT")),
    "it records its own calls only": actionsOf(events, "tool_use").length === 1,
  };
}

function left(local, stored) {
  const times = local.map(timeOf).filter((time) => !Number.isNaN(time));
  const end = Math.max(...times);
  const missing = local.slice(stored.length);
  const lost = missing.map(timeOf).find((time) => time < end - lastMomentMs);
  return {
    [`the service has what it wrote, in order (${stored.length} of ${local.length} lines)`]:
      stored.length > 20 && stored.every((line, at) => line === local[at]),
    "only its last moment is missing": lost === undefined,
  };
}

function whole(events, stored, local, log, session, hosts) {
  const entries = stored.map((line) => JSON.parse(line));
  const ids = entries.map(({ uuid }) => uuid).filter(Boolean);
  const known = new Set(ids);
  const requests = log
    .map((line) => line.slice(line.indexOf("{")))
    .filter((line) => line.startsWith("{") && line.includes(session))
    .map((line) => JSON.parse(line))
    .filter(({ agentId, step }) => agentId === "" && step >= 0)
    .map(({ messages }) => messages);
  const restored = actionsOf(events, "session_restored");
  const leases = events.filter(({ type }) => type === "lease_acquired").map(({ data }) => data);
  const agents = events
    .filter(({ type }) => type === "agent_spawned")
    .map(({ data }) => data.agent.agentId);
  const shipped = new Set(
    events.filter(({ type }) => type === "transcript_entry").map(({ data }) => data.subpath),
  );
  return {
    [`the service has what stands in the last container (${stored.length} lines)`]:
      stored.join("\n") === local.join("\n"),
    "no line is there twice": known.size === ids.length,
    "each answer has what it answers": entries.every(
      ({ parentUuid }) => typeof parentUuid !== "string" || known.has(parentUuid),
    ),
    "its subagents' transcripts are there":
      agents.length === 2 && agents.every((id) => shipped.has(`subagents/agent-${id}`)),
    [`the model was given the whole conversation each time (${requests.at(-1)} messages)`]:
      requests.length > 10 && requests.every((n, at) => at === 0 || n > requests[at - 1]),
    "each hand-over is recorded":
      restored.map(({ from, to }) => `${from.host}>${to.host}`).join() ===
      hosts
        .slice(1)
        .map((host, at) => `${hosts[at]}>${host}`)
        .join(),
    "each writer had the next epoch":
      leases.map(({ epoch, owner }) => `${epoch} ${owner.split(":")[0]}`).join() ===
      hosts.map((host, at) => `${at + 1} ${host}`).join(),
    "the working directory is the last one's":
      restored.at(-1)?.to.workingDirectory === "/home/node/elsewhere",
  };
}

const [command, ...args] = process.argv.slice(2);
let checks = {};
if (command === "fork") checks = fork(readEvents(args[0]), readLines(args[1]), args[2]);
else if (command === "left") checks = left(readLines(args[0]), readLines(args[1]));
else if (command === "whole") {
  const [events, stored, local, log, session, ...hosts] = args;
  checks = whole(
    readEvents(events),
    readLines(stored),
    readLines(local),
    readLines(log),
    session,
    hosts,
  );
}
for (const [name, ok] of Object.entries(checks))
  process.stdout.write(`${ok ? "ok  " : "FAIL"} ${name}\n`);

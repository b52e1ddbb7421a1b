import type { Checks } from "./checks.ts";
import type { Told } from "./told.ts";

/** What every finished session has to be, whatever its agent did: from the API alone. */
export function checkWhole(checks: Checks, { view, events, actions, responses }: Told): void {
  const { metadata, state, final } = view;
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const of = (...types: string[]) => events.filter(({ type }) => types.includes(type));

  checks.equals(
    "offsets are gap-free",
    events.map(({ offset }) => offset),
    upTo(metadata.offset),
  );
  checks.holds(
    "positions grow",
    events.every(({ position }, index) => position > (events[index - 1]?.position ?? 0)),
  );
  checks.equals(
    "each log counts its records",
    [actions, responses].map((log) => log.map(({ seq }) => seq)),
    [actions, responses].map((log) => upTo(log.length)),
  );
  checks.equals(
    "the logs are the history's",
    { actions, responses },
    { actions: recordsOf(of("action")), responses: recordsOf(of("response")) },
  );
  checks.equals("the session shows its logs", [view.actions, view.responses], [actions, responses]);
  const ids = events.map(({ data }) => data["id"]).filter((id) => id !== undefined);
  checks.equals("no record is there twice", new Set(ids).size, ids.length);

  const items = (type: string, member: string) =>
    lastById(
      of(`${type}_added`, `${type}_updated`, `${type}_spawned`, `${type}_completed`),
      member,
    );
  checks.equals("the goals are what became of them", state.goals, items("goal", "goalId"));
  checks.equals("the agents are what became of them", state.agents, items("agent", "agentId"));
  const versions = of(
    "state_updated",
    "goal_added",
    "goal_updated",
    "agent_spawned",
    "agent_completed",
  );
  checks.equals(
    "the state's version counts its changes",
    [state.version, ...versions.map(({ data }) => data["version"])],
    [versions.length, ...upTo(versions.length)],
  );
  checks.equals("the counts are right", metadata.counts, {
    actions: actions.length,
    responses: responses.length,
    goals: state.goals.length,
    goalsCompleted: state.goals.filter(({ status }) => status === "completed").length,
    agents: state.agents.length,
    agentsRunning: 0,
  });

  const end = events.findLast(({ type }) => !mayFollowTheEnd.has(type));
  checks.equals("it ends with its finalization", end?.type, "session_finalized");
  checks.equals("its end is what it was finalized with", final, end?.data);
  checks.equals("its status is that of its end", metadata.status, final?.status);
}

/** Transcripts are still sent when the agent is done, and then the writer lets go. */
const mayFollowTheEnd: ReadonlySet<string> = new Set(["transcript_entry", "lease_released"]);

const recordsOf = (events: Told["events"]) =>
  events.map(({ offset, data }) => ({ ...data, offset }) as Told["actions"][number]);

/** The items as the last event about each left them, in the order in which they came. */
function lastById(events: Told["events"], member: string): unknown[] {
  const items = new Map<unknown, unknown>();
  for (const { data } of events) {
    const item = (data["goal"] ?? data["agent"]) as Record<string, unknown>;
    items.set(item[member], item);
  }
  return [...items.values()];
}

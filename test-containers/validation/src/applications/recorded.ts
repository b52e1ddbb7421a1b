import type { Told } from "../told.ts";

export type Details = Readonly<Record<string, unknown>>;

/** The details of all actions of a type, in order. */
export const detailsOf = ({ actions }: Told, type: string): Details[] =>
  actions.filter((action) => action.type === type).map((action) => action["details"] as Details);

/** Each spawned agent with the type of its parent, "main" for the session's own. */
export function familyOf({ view }: Told): string[] {
  const { agents } = view.state;
  const typeOf = (id: string | null) => agents.find(({ agentId }) => agentId === id)?.type;
  return agents.map(
    ({ type, parentAgentId, status }) => `${typeOf(parentAgentId) ?? "main"} > ${type} ${status}`,
  );
}

/** How often each goal changed, and into what. */
export function goalsOf({ events }: Told): string[] {
  return events
    .filter(({ type }) => type === "goal_added" || type === "goal_updated")
    .map(({ data }) => data["goal"] as { description: string; status: string })
    .map(({ description, status }) => `${status}: ${description}`);
}

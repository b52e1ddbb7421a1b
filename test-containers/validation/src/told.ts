import {
  type HistoryPage,
  type LogRecord,
  historyPageSchema,
  recordSchema,
  sessionPageSchema,
  sessionViewSchema,
} from "@sessions/contract";
import * as z from "zod";

export interface Target {
  readonly baseUrl: string;
  readonly apiKey?: string;
}

/** What the service tells of a session, each part by the call that clients use for it. */
export interface Told {
  readonly view: z.infer<typeof wholeView>;
  readonly events: HistoryPage["events"];
  readonly actions: LogRecord[];
  readonly responses: LogRecord[];
}

/** Small, so that going on from page to page is tried too. */
const pageEvents = 25;
const logPage = 10_000;
const wholeView = sessionViewSchema.required();

/** @throws when the service refuses, or answers what the contract doesn't know */
export async function readTold(target: Target, sessionId: string): Promise<Told> {
  const id = encodeURIComponent(sessionId);
  const events: HistoryPage["events"] = [];
  for (let page: HistoryPage | undefined; page === undefined || page.hasMore;) {
    const path = `/api/sessions/${id}/events?after=${page?.next ?? 0}&limit=${pageEvents}`;
    page = historyPageSchema.parse(await get(target, path));
    events.push(...page.events);
  }
  const log = async (path: string) =>
    z.array(recordSchema).parse(await get(target, `${path}?after=0&limit=${logPage}`));
  return {
    view: wholeView.parse(await get(target, `/api/sessions/${id}?tail=${logPage}`)),
    events,
    actions: await log(`/api/actions/${id}`),
    responses: await log(`/api/actions/${id}/responses`),
  };
}

/** Ids of all sessions that the service has. */
export async function listTold(target: Target): Promise<string[]> {
  const { sessions } = sessionPageSchema.parse(await get(target, "/api/sessions?limit=1000"));
  return sessions.map(({ sessionId }) => sessionId);
}

async function get({ baseUrl, apiKey }: Target, path: string): Promise<unknown> {
  const response = await fetch(new URL(path, baseUrl), {
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  });
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

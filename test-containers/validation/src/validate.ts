import { type Check, createChecks } from "./checks.ts";
import type { Expectation } from "./expectations.ts";
import { checkSame } from "./same.ts";
import { listStored, readStored } from "./stored.ts";
import { listTold, readTold, type Target, type Told } from "./told.ts";
import { checkWhole } from "./whole.ts";

export interface Report {
  readonly sessionId: string;
  /** Undefined when the service doesn't tell of it. */
  readonly told: Told | undefined;
  readonly checks: readonly Check[];
}

/** What the API says, all of it, so that the service can be ended before its files are read. */
export interface Reading {
  readonly sessionIds: readonly string[];
  /** Or why the service doesn't tell of one. */
  readonly sessions: ReadonlyMap<string, Told | string>;
}

export async function readAll(
  target: Target,
  expectations: readonly Expectation[],
): Promise<Reading> {
  const sessions = new Map<string, Told | string>();
  for (const { sessionId } of expectations)
    sessions.set(sessionId, await readTold(target, sessionId).catch(String));
  return { sessionIds: await listTold(target), sessions };
}

/** @param volume a copy of the service's volume, made after the reading */
export async function validate(
  reading: Reading,
  volume: string,
  expectations: readonly Expectation[],
): Promise<Report[]> {
  const reports: Report[] = [];
  for (const expectation of expectations)
    reports.push(await validateSession(reading, volume, expectation));
  return [...reports, await validateFleet(reading, volume, expectations)];
}

async function validateSession(
  { sessions }: Reading,
  volume: string,
  { sessionId, check }: Expectation,
): Promise<Report> {
  const checks = createChecks();
  const told = sessions.get(sessionId) ?? "it was not read";
  checks.equals("the service tells of it", typeof told === "string" ? told : "", "");
  if (typeof told === "string") return { sessionId, told: undefined, checks: checks.all };
  checkWhole(checks, told);
  check(checks, told);
  const stored = await readStored(volume, sessionId).catch(String);
  checks.equals("its files can be read", typeof stored === "string" ? stored : "", "");
  if (typeof stored !== "string") checkSame(checks, told, stored);
  return { sessionId, told, checks: checks.all };
}

/** What no single session shows. */
async function validateFleet(
  { sessionIds, sessions }: Reading,
  volume: string,
  expectations: readonly Expectation[],
): Promise<Report> {
  const checks = createChecks();
  const expected = expectations.map(({ sessionId }) => sessionId).toSorted();
  checks.equals("the service has these sessions and no others", sessionIds.toSorted(), expected);
  checks.equals("so has the volume", (await listStored(volume)).toSorted(), expected);
  const mails = expectations
    .filter(({ application }) => application === "email-solver")
    .map(({ sessionId }) => sessions.get(sessionId))
    .filter((told) => typeof told === "object");
  if (expectations.some(({ application }) => application === "email-solver"))
    checks.holds(
      "several mails were solved at once",
      mails.some((mail) => overlaps(mail, mails)),
    );
  return { sessionId: "all sessions", told: undefined, checks: checks.all };
}

/** Whether another one began before this one ended, and after it began. */
function overlaps({ events }: Told, others: readonly Told[]): boolean {
  const first = events[0]?.position ?? 0;
  const last = events.at(-1)?.position ?? 0;
  return others.some(({ events: [other] }) => {
    const began = other?.position ?? 0;
    return first < began && began < last;
  });
}

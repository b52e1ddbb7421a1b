import { setTimeout as delay } from "node:timers/promises";

import type { Agents } from "./agents.ts";
import type { ClaudeSessions } from "./claude-sessions.ts";
import type { Leases } from "./leases.ts";
import type { Recorder } from "./recorder.ts";

export interface FollowingOptions {
  readonly sessions: ClaudeSessions;
  readonly agents: Agents;
  readonly leases: Leases;
}

/** Ships transcripts between the hooks and behind the last one, under the session's lease. */
export interface Following {
  /** Lines wait that can go as soon as the service answers. */
  isBehind(): boolean;
  /** Reads what is left, until nothing is or the time is over. @param deadline milliseconds since 1970 */
  close(deadline: number): Promise<void>;
  /** Lets go of the leases of sessions that are over and sent. */
  letGo(): Promise<void>;
}

/** Between two looks; a thousand transcripts in which nothing is new cost some 10 ms. */
const everyMs = 500;
const lastEveryMs = 100;

export function createFollowing({ sessions, agents, leases }: FollowingOptions): Following {
  let isClosed = false;
  let timer = setTimeout(run, everyMs);

  async function look(): Promise<void> {
    const open = sessions.all().filter((recorder) => !recorder.isSettled());
    for (const { notes } of open.filter(needsLease)) leases.of(notes.sessionId).keep();
    await Promise.all(open.map((recorder) => recorder.follow()));
  }

  /** A session that is over needs it only for what is left of its transcripts. */
  function needsLease(recorder: Recorder): boolean {
    return recorder.notes.mapping.isCreated && (sessions.isLive(recorder) || recorder.behind() > 0);
  }

  function run(): void {
    void look()
      .then(letGo)
      .finally(() => {
        if (!isClosed) timer = setTimeout(run, everyMs);
      });
  }

  async function letGo(): Promise<void> {
    const ids = new Set(sessions.all().map(({ notes }) => notes.sessionId));
    const stats = agents.stats();
    await Promise.all(
      [...ids].map(async (sessionId) => {
        const own = sessions.all().filter(({ notes }) => notes.sessionId === sessionId);
        const isOver = own.every(
          (recorder) =>
            (isClosed ? !sessions.isLive(recorder) : recorder.isSettled()) &&
            recorder.behind() === 0,
        );
        if (isOver && (stats[sessionId]?.queued ?? 0) === 0) await leases.of(sessionId).release();
      }),
    );
  }

  const canGo = ({ notes, behind }: Recorder) => {
    const { state } = leases.of(notes.sessionId).status();
    return behind() > 0 && (state === "unknown" || state === "ours");
  };
  /** Nobody makes it again for the sake of its transcripts. */
  const hasSession = ({ notes }: Recorder) => {
    const status = leases.of(notes.sessionId).status();
    return !(status.state === "unknown" && status.reason === "session_not_found");
  };

  return {
    isBehind: () => sessions.all().some((recorder) => canGo(recorder) && hasSession(recorder)),
    letGo,
    async close(deadline) {
      isClosed = true;
      clearTimeout(timer);
      for (await look(); sessions.all().some(canGo) && Date.now() < deadline; await look())
        await delay(lastEveryMs);
    },
  };
}

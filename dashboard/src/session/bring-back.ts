import { restoreSession } from "../core/api.ts";
import { goTo, sessionHash } from "../core/route.ts";
import { show, showError } from "../core/toast.ts";

/** Takes deletions back; of one session it shows what came back. */
export async function bringBack(sessionIds: readonly string[]): Promise<void> {
  try {
    for (const sessionId of sessionIds) await restoreSession(sessionId);
    const [only] = sessionIds;
    if (only === undefined || sessionIds.length > 1) return show(`${sessionIds.length} are back`);
    show(`${only} is back`);
    goTo(sessionHash(only));
  } catch (error) {
    showError("It could not be brought back", error);
  }
}

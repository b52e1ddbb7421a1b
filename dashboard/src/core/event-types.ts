import type { EventType } from "@sessions/contract";

/** Whether an event is of a transcript: there are many of them, and few look at them. */
const isOfTranscripts: Readonly<Record<EventType, boolean>> = {
  session_created: false,
  action: false,
  response: false,
  state_updated: false,
  goal_added: false,
  goal_updated: false,
  agent_spawned: false,
  agent_completed: false,
  metadata_updated: false,
  session_finalized: false,
  session_deleted: false,
  session_restored: false,
  transcript_entry: true,
  transcript_summarized: true,
  transcript_deleted: false,
  lease_acquired: false,
  lease_released: false,
};
const namesOf = (wanted: boolean) =>
  Object.entries(isOfTranscripts).flatMap(([name, is]) => (is === wanted ? [name] : []));

export const transcriptTypes = namesOf(true);
/** All others, to ask a history for. */
export const feedTypes = namesOf(false);

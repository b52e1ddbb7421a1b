import type { Checks } from "./conformance-case.ts";
import { appending } from "./groups/appending.ts";
import { bodies } from "./groups/bodies.ts";
import { catchUp } from "./groups/catch-up.ts";
import { creating } from "./groups/creating.ts";
import { credentials } from "./groups/credentials.ts";
import { eventStreams } from "./groups/event-streams.ts";
import { agents, goals } from "./groups/goals-and-agents.ts";
import { batches, history } from "./groups/history.ts";
import { leases } from "./groups/leases.ts";
import { listing } from "./groups/listing.ts";
import { liveSocket } from "./groups/live-socket.ts";
import { query } from "./groups/query.ts";
import { readingLogs } from "./groups/reading-logs.ts";
import { restoring } from "./groups/restoring.ts";
import { service } from "./groups/service.ts";
import { sessionIds } from "./groups/session-ids.ts";
import { sessionLife } from "./groups/session-life.ts";
import { state } from "./groups/state.ts";
import { storeDeletion } from "./groups/store-deletion.ts";
import { storeListing } from "./groups/store-listing.ts";
import { store } from "./groups/store.ts";
import { values } from "./groups/values.ts";

export const groups = {
  Service: service,
  "Creating sessions": creating,
  "Session ids": sessionIds,
  "A session's life": sessionLife,
  "Restoring sessions": restoring,
  Appending: appending,
  Values: values,
  Bodies: bodies,
  "Reading logs": readingLogs,
  State: state,
  Goals: goals,
  Agents: agents,
  History: history,
  Batches: batches,
  Leases: leases,
  Transcripts: store,
  "Listing transcripts": storeListing,
  "Deleting transcripts": storeDeletion,
  Listing: listing,
  Query: query,
  "Live socket": liveSocket,
  "Catch-up": catchUp,
  "Event streams": eventStreams,
  Credentials: credentials,
} as const satisfies Record<string, Checks>;

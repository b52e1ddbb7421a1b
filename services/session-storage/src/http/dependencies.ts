import type { Fleet, Health } from "@sessions/contract";
import type { Logger } from "pino";

import type { Authorizer } from "../access/authorize.ts";
import type { Sessions } from "../domain/sessions.ts";
import type { Hub } from "../live/hub.ts";
import type { Catalog } from "../views/catalog.ts";
import type { HistoryView } from "../views/history.ts";
import type { Search } from "../views/search.ts";

/** What the routes are given; `main.ts` puts it together. */
export interface AppDependencies {
  authorizer: Authorizer;
  sessions: Sessions;
  catalog: Catalog;
  history: HistoryView;
  search: Search;
  hub: Hub;
  health(): Health;
  fleet(): Promise<Fleet>;
  /** Prometheus text. */
  metrics(): Promise<string>;
  /** Takes a session's share of so many records; throws `rate_limited`. */
  takeRate(sessionId: string, records: number): Promise<void> | void;
  newId(): string;
  /** Of the JSON text of one record. */
  maxRecordBytes: number;
  version: string;
  /** Folder of the dashboard's files; undefined: there is no page. */
  dashboardPath: string | undefined;
  /** Pages of other origins that a browser may let call. */
  allowedOrigins: readonly string[];
  log: Pick<Logger, "error" | "warn">;
}

import type { Client } from "./client.ts";

/** A running service. Nothing but its wire is looked at. */
export interface Target {
  /** Such as `http://127.0.0.1:9000`; a path before the routes is kept. */
  readonly baseUrl: string;
  /** One of the service's API keys; without it the service must run with `AUTH=off`. */
  readonly apiKey?: string;
}

export interface ConformanceCase {
  readonly group: string;
  readonly name: string;
  /** Cases about credentials say nothing about a service that asks for none. */
  readonly needsApiKey: boolean;
  /** Resolves when the service keeps the promise, rejects with what it did instead. */
  run(target: Target): Promise<void>;
}

/** A case as written: it gets a client of its own, closed when the case is over. */
export type Check = (client: Client) => Promise<void>;
export type Checks = Readonly<Record<string, Check>>;

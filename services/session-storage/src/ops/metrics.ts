import type { Health } from "@sessions/contract";
import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";

import type { Projection } from "../domain/sessions.ts";

export interface Metrics extends Projection {
  /** Prometheus text. */
  text(): Promise<string>;
  countRequest(method: string, status: number): void;
}

/** @param health read when somebody asks: what it tells is not counted twice */
export function createMetrics(health: () => Health): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const events = new Counter({
    name: "sessions_events_total",
    help: "Durable events by type",
    labelNames: ["type"],
    registers,
  });
  const requests = new Counter({
    name: "sessions_http_requests_total",
    help: "HTTP requests by method and status",
    labelNames: ["method", "status"],
    registers,
  });
  const gauges: Record<string, [help: string, read: (now: Health) => number]> = {
    sessions_total: ["Sessions kept", ({ storage }) => storage.sessions],
    sessions_journal_position: ["Last durable position", ({ storage }) => storage.position],
    sessions_checkpoint_position: [
      "Position up to which all files are on disk",
      ({ storage }) => storage.checkpoint,
    ],
    sessions_damaged_lines: ["Damaged lines found", ({ storage }) => storage.damagedLines],
    sessions_storage_writable: [
      "1 while the storage takes writes",
      ({ storage }) => Number(storage.condition === "ok"),
    ],
    sessions_websocket_connections: ["Open WebSockets", ({ websocket }) => websocket.connections],
    sessions_subscriptions: ["Live subscriptions", ({ websocket }) => websocket.subscriptions],
  };
  for (const [name, [help, read]] of Object.entries(gauges)) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => gauge.set(read(health())),
    });
  }

  return {
    text: () => registry.metrics(),
    countRequest: (method, status) => requests.inc({ method, status }),
    apply: ({ event }) => events.inc({ type: event.type }),
  };
}

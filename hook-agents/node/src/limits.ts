import type { HookAgentLimits } from "./api.ts";

export type Limits = Required<HookAgentLimits>;

/** Under the service's own: 1 MiB a record, 4 MiB and 10,000 records a batch. */
const defaults: Limits = {
  spoolBytes: 67_108_864,
  memoryBytes: 8_388_608,
  recordBytes: 1_047_552,
  batchBytes: 524_288,
  batchRecords: 1_000,
  rejectedBytes: 16_777_216,
  retryBaseMs: 200,
  retryMaxMs: 30_000,
  requestTimeoutMs: 30_000,
};

export function limitsOf(given: HookAgentLimits = {}): Limits {
  return { ...defaults, ...given };
}

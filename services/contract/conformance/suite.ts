import { createClient } from "./client.ts";
import type { Checks, ConformanceCase, Target } from "./conformance-case.ts";
import { groups } from "./groups.ts";

export type { ConformanceCase, Target } from "./conformance-case.ts";

const credentialGroup = "Credentials";

function casesOf(group: string, checks: Checks): ConformanceCase[] {
  return Object.entries(checks).map(([name, check]) => ({
    group,
    name,
    needsApiKey: group === credentialGroup,
    async run(target: Target) {
      const client = createClient(target);
      try {
        await check(client);
      } finally {
        client.close();
      }
    },
  }));
}

/** Every promise of the wire as a case; each makes sessions of its own and touches no other. */
export const conformanceCases: readonly ConformanceCase[] = Object.entries(groups).flatMap(
  ([group, checks]) => casesOf(group, checks),
);

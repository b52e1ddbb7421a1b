import { type Target, conformanceCases } from "@sessions/contract/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startServiceUntil } from "../support/start-service.ts";

const apiKey = "conformance-key-0123456789";

describe.each([
  ["AUTH=off", {}, undefined],
  ["API_KEYS", { AUTH: "on", API_KEYS: apiKey }, apiKey],
] as const)("the conformance suite, %s", (_name, environment, key) => {
  let target: Target;
  const over: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const service = await startServiceUntil((end) => over.push(end), environment);
    target = { baseUrl: service.url, ...(key !== undefined && { apiKey: key }) };
  });
  afterAll(async () => {
    for (const end of over.reverse()) await end();
  });

  // With a key only what is about keys: the rest does not depend on it.
  for (const one of conformanceCases.filter((c) => c.needsApiKey === (key !== undefined)))
    it(`${one.group}: ${one.name}`, () => expect(one.run(target)).resolves.toBeUndefined(), 60_000);
});

// The suite is a Node program, and so is its test.
/* oxlint-disable no-restricted-imports */
import { once } from "node:events";
import { type RequestListener, createServer } from "node:http";

import { afterEach, expect, it } from "vitest";

import { conformanceCases } from "../conformance/suite.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A service that is wrong about everything. */
async function listen(answer: RequestListener) {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close().closeAllConnections());
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return { baseUrl: `http://127.0.0.1:${address.port}`, apiKey: "key" };
}

const wrong: [what: string, answer: RequestListener][] = [
  ["answers 200 and an empty object to everything", (_request, response) => response.end("{}")],
  [
    "accepts everything and forgets it",
    (_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ success: true, offset: 1, seq: 1, sessions: [], results: [] }));
    },
  ],
  [
    "refuses everything without a problem",
    (_request, response) => response.writeHead(404).end("Cannot GET"),
  ],
];

it.each(wrong)("passes no case for a service that %s", async (_what, answer) => {
  const target = await listen(answer);
  const outcomes = await Promise.all(
    conformanceCases.map((one) =>
      one.run(target).then(
        () => `${one.group}: ${one.name}`,
        () => undefined,
      ),
    ),
  );
  expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual([]);
});

it("has a name of its own for every case", () => {
  const names = conformanceCases.map(({ group, name }) => `${group}: ${name}`);
  expect(names.length).toBeGreaterThan(200);
  expect(new Set(names).size).toBe(names.length);
});

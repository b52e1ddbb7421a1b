import { parseProblem } from "../answer.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

/** None of these may ever become a folder. */
const refusedIds: readonly [what: string, id: string][] = [
  ["that climbs", "../../escape"],
  ["that climbs with backslashes", "..\\..\\escape"],
  ["of two dots", ".."],
  ["of one dot", "."],
  ["with two dots inside", "a..b"],
  ["with a slash", "a/b"],
  ["with an absolute path", "/etc/passwd"],
  ["with a NUL", "a\0b"],
  ["with a line feed", "a\nb"],
  ["that ends with a dot", "trailing."],
  ["that starts with a dot", ".hidden"],
  ["that starts with a dash", "-rf"],
  ["that is the device con", "con"],
  ["that is the device NUL.txt", "NUL.txt"],
  ["that is the device LPT1", "LPT1"],
  ["with a space", "a b"],
  ["with a colon", "C:x"],
  ["outside ASCII", "größe"],
  ["of 129 characters", "x".repeat(129)],
];
/** Completed by a run's own ending, which is 16 characters long. */
const acceptedIds = ["A", "a.b_c-D", "x".repeat(112), "console", "0", "NULL"];
const rawPaths = [
  "/api/state/../../escape",
  "/api/sessions/../../../etc/passwd",
  "/api/state/..%2f..%2fescape",
  "/api/state/%2e%2e%2f%2e%2e%2fescape",
  "/api/actions/%2e%2e",
  "/api/actions/%00",
  "/api/actions/a%00b",
  "/api/sessions/%252e%252e",
  "/api/state/%zz",
  "/api/state/%c0%ae%c0%ae",
];

export const sessionIds: Checks = {
  ...Object.fromEntries(
    refusedIds.map(([what, sessionId]) => [
      `refuses an id ${what}`,
      async (client) => {
        const inBody = await client.refused("createSession", "invalid_content", {
          body: { sessionId },
        });
        assert.equal(inBody.errors?.[0]?.field, "/sessionId");
        // "." and ".." are gone from a path before any parameter is read: then there is no such route.
        if (/^\.\.?$/.test(sessionId)) return;
        for (const name of ["getSession", "getState", "getActions"] as const) {
          const inPath = await client.refused(name, "invalid_request", { params: { sessionId } });
          assert.equal(inPath.errors?.[0]?.field, ":sessionId");
        }
      },
    ]),
  ),
  ...Object.fromEntries(
    rawPaths.flatMap((path) =>
      ["GET", "POST"].map((method) => [
        `refuses ${method} ${path}, sent exactly so`,
        async (client) => {
          const answer = await client.send({
            method,
            path,
            headers: { "content-type": "application/json" },
            ...(method === "POST" && { body: '{"type":"x"}' }),
          });
          const codes = {
            400: "invalid_request",
            404: "not_found",
            405: "method_not_allowed",
          } as const;
          assert.ok(answer.status in codes, `${answer.status} ${answer.text}`);
          parseProblem(answer, codes[answer.status as keyof typeof codes]);
        },
      ]),
    ),
  ),
  ...Object.fromEntries(
    acceptedIds.map((start) => [
      `takes an id like ${start.slice(0, 10)} of ${start.length + 16} characters`,
      async (client) => {
        const sessionId = `${start}-${crypto.randomUUID().slice(-15)}`;
        const created = await client.ok("createSession", { body: { sessionId } });
        assert.equal(created.sessionId, sessionId);
        await client.ok("getState", { params: { sessionId } });
        await client.ok("deleteSession", { params: { sessionId }, query: { force: "true" } });
      },
    ]),
  ),
};

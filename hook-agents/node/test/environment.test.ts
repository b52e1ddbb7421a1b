import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, expect, it } from "vitest";

import { ended, startProgram } from "./support/program.ts";
import { startScriptedService } from "./support/scripted-service.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const keys = join(temporaryDirectory(afterAll), "keys");
writeFileSync(keys, "# made at the first start\n\n  first  \nsecond\n");

it.each([
  ["the first key of a key file", { SESSION_TOKEN_FILE: keys }, "Bearer first"],
  ["the token that is given", { SESSION_TOKEN_FILE: keys, SESSION_TOKEN: "own" }, "Bearer own"],
  [
    "a key file beside an empty token",
    { SESSION_TOKEN_FILE: keys, SESSION_TOKEN: "" },
    "Bearer first",
  ],
])("takes %s", async (_name, tokens, authorization) => {
  const service = await startScriptedService(() => "stored");
  const program = startProgram("logs-one-and-ends", {
    SESSION_ID: "run",
    SESSION_SERVICE_URL: service.url,
    SESSION_SPOOL_DIR: temporaryDirectory(),
    ...tokens,
  });

  expect(await ended(program)).toBe(0);
  expect(service.headers[0]?.["authorization"]).toBe(authorization);
});

it("records without a key, and says so, when the key file can't be read", async () => {
  const service = await startScriptedService(() => "stored");
  const program = startProgram("logs-one-and-ends", {
    SESSION_ID: "run",
    SESSION_SERVICE_URL: service.url,
    SESSION_SPOOL_DIR: temporaryDirectory(),
    SESSION_TOKEN_FILE: "/no/such",
  });
  const warnings: string[] = [];
  program.stderr?.on("data", (data: Buffer) => warnings.push(data.toString()));

  expect(await ended(program)).toBe(0);
  expect(service.headers[0]?.["authorization"]).toBeUndefined();
  expect(warnings.join("")).toContain("SESSION_TOKEN_FILE can't be read");
});

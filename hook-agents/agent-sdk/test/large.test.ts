import { expect, it } from "vitest";

import { shareService } from "../../node/test/support/service.ts";
import { temporaryDirectory } from "../../node/test/support/temporary-directory.ts";
import { startProgram } from "./support/program.ts";
import { newKey } from "./support/store.ts";

const shared = shareService();

it("moves 10,000 entries of 100 MB both ways, holding them once and no text beside them", async () => {
  const key = newKey();
  const program = startProgram(
    "moves-100-megabytes",
    {
      PROJECT: key.projectKey,
      SESSION_NAME: key.sessionId,
      SESSION_SERVICE_URL: shared.current.url,
      SESSION_SPOOL_DIR: temporaryDirectory(),
    },
    // Enough for the entries and the program, and not for their text too.
    { nodeOptions: ["--max-old-space-size=200"] },
  );
  expect([await program.ended, program.errors]).toEqual([0, []]);
  const told = JSON.parse(program.lines[0] ?? "{}") as Record<string, number>;
  expect(told).toMatchObject({ count: 10_000, isEqual: true });
  expect(told["appendedMb"]).toBeLessThan(300);
  expect(told["loadedMb"]).toBeLessThan(450);
}, 120_000);

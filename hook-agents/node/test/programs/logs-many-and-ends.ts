import { setImmediate as turn } from "node:timers/promises";

import hookAgent from "../../src/main.ts";

// oxlint-disable-next-line node/no-process-env -- the test says who is who
const writer = process.env["WRITER"];
for (let n = 0; n < 1_000; n += 1) {
  hookAgent.logAction({ type: "step", n, writer });
  if (n % 100 === 0) await turn();
}

import { setImmediate as turn } from "node:timers/promises";

import hookAgent from "../../src/main.ts";

for (let n = 0; ; n += 1) {
  hookAgent.logAction({ type: "step", n });
  if (n === 499) process.stdout.write("logged 500\n");
  await turn();
}

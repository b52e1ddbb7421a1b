import hookAgent from "../../src/main.ts";

for (let n = 0; n < 2_000; n += 1) hookAgent.logAction({ type: "step", n });
// In the same turn: nothing has been sent when the signal comes.
process.stdout.write("logged\n");
const waiting = setInterval(() => {}, 1_000);

// oxlint-disable-next-line node/no-process-env -- the test says how to end
const exitCode = process.env["EXIT_CODE"];
if (exitCode !== undefined)
  process.on("SIGTERM", () => {
    // Stays long enough to be told a second time, if that were to happen.
    setTimeout(() => clearInterval(waiting), 300);
    // Called once more, it would end otherwise.
    process.exitCode = process.exitCode === undefined ? Number(exitCode) : 1;
  });

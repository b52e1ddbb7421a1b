import hookAgent from "../../src/main.ts";

hookAgent.logAction({ type: "step", n: "second" });

import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import { deltaChannelHistoryTests, validate } from "@langchain/langgraph-checkpoint-validation";
import { createHookAgent, type HookAgent } from "@sessions/hook-agent";
import { afterAll } from "vitest";

import { shareService } from "../../../node/test/support/service.ts";
import { temporaryDirectory } from "../../../node/test/support/temporary-directory.ts";
import { SessionStoreSaver } from "../../src/main.ts";

const shared = shareService();
const agents = new Map<BaseCheckpointSaver, HookAgent>();

const initializer = {
  checkpointerName: "SessionStoreSaver",
  createCheckpointer() {
    const serviceUrl = shared.current.url;
    const agent = createHookAgent({
      sessionId: `validation-${crypto.randomUUID()}`,
      serviceUrl,
      spoolDirectory: temporaryDirectory(afterAll),
      flushOnExit: false,
    });
    const saver = new SessionStoreSaver({ agent });
    agents.set(saver, agent);
    return saver;
  },
  async destroyCheckpointer(saver: BaseCheckpointSaver) {
    await agents.get(saver)?.close();
  },
};
validate(initializer);
deltaChannelHistoryTests(initializer);

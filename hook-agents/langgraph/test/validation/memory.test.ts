import { deltaChannelHistoryTests, validate } from "@langchain/langgraph-checkpoint-validation";

import { CheckpointSaver } from "../../src/saving/checkpoint-saver.ts";
import { createMemoryEntries } from "../support/memory-entries.ts";

const initializer = {
  checkpointerName: "CheckpointSaver on lists in memory",
  createCheckpointer: () => new CheckpointSaver(createMemoryEntries()),
};
validate(initializer);
deltaChannelHistoryTests(initializer);

import { createMemoryJournal } from "../../src/journal/memory/memory-journal.ts";
import { describeJournal } from "./journal-contract.ts";

describeJournal("memory", () => ({
  open: async () => createMemoryJournal(),
  reopen: { missing: "the memory adapter is volatile" },
}));

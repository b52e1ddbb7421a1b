import { createJournalFolder, type JournalFolder } from "../storage/journal-folder.ts";
import { describeJournal } from "./journal-contract.ts";

for (const durability of ["fsync", "os"] as const)
  describeJournal(`file, durability ${durability}`, () => {
    let folder: JournalFolder;
    return {
      async open() {
        folder = await createJournalFolder();
        return folder.open({ durability, segmentBytes: 2000 });
      },
      reopen: () => folder.open({ durability, segmentBytes: 2000 }),
    };
  });

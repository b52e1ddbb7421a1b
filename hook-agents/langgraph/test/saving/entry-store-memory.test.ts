import { entryStoreContract } from "../support/entry-store-contract.ts";
import { createMemoryEntries } from "../support/memory-entries.ts";

entryStoreContract(createMemoryEntries);

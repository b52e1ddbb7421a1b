import type { FileHandle } from "node:fs/promises";

const bufferedLength = 1_048_576;

/** Writes lines in large pieces. */
export function createLineWriter(file: FileHandle): {
  write(line: string): Promise<void>;
  /** Resolves when all of it is on disk. */
  end(): Promise<void>;
} {
  let text = "";

  async function flush(): Promise<void> {
    // Unlike `write` it goes on until all is written.
    if (text !== "") await file.appendFile(text);
    text = "";
  }

  return {
    async write(line) {
      text += `${line}\n`;
      if (text.length >= bufferedLength) await flush();
    },
    async end() {
      await flush();
      await file.sync();
    },
  };
}

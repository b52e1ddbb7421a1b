import { type OpenFile, open } from "./calls.ts";
import { storageFull } from "./errno.ts";

/** Throws `storage_full` when not all bytes went in: Node reports a short write as success. */
export async function writeWhole(file: OpenFile, bytes: Buffer): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, null);
  if (bytesWritten < bytes.length) throw storageFull();
}

/** Opens, uses, closes. */
export async function withFile(
  path: string,
  flags: string,
  use: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

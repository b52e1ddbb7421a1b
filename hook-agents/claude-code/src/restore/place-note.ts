import { readFile, rename, writeFile } from "node:fs/promises";

/**
 * Puts the CLI's note about a subagent beside its transcript. One that stands here and that the service has never
 * seen is newer than what it has.
 * @param notes of the service, oldest first
 * @returns whether the note here has to be sent
 */
export async function placeNote(path: string, notes: readonly string[]): Promise<boolean> {
  const here = await readFile(path, "utf8").catch(() => undefined);
  const text = here === undefined ? undefined : normal(here);
  if (text !== undefined && !notes.includes(text)) return true;
  const last = notes.at(-1);
  if (last === undefined || last === text) return false;
  await writeFile(`${path}.incoming`, last, { mode: 0o600 });
  await rename(`${path}.incoming`, path);
  return false;
}

/** @returns undefined for a torn one, which is worth less than any other */
function normal(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}

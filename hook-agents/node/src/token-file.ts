import { readFileSync } from "node:fs";

/**
 * The first line that is not empty or a comment, as in the service's own file of keys.
 * @throws when the file can't be read
 */
export function readTokenFile(path: string): string | undefined {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.map((line) => line.trim()).find((line) => line !== "" && !line.startsWith("#"));
}

import { readTextIfExists, replaceFile } from "../files/write.ts";

/** Of the layout and the lines on the volume; another one needs UPGRADING.md. */
const formatVersion = 1;

/** Refuses a volume that another version of the format wrote; marks a new one. */
export async function checkFormat(path: string): Promise<void> {
  const text = await readTextIfExists(path);
  if (text === undefined) {
    await replaceFile(path, `${JSON.stringify({ format: formatVersion })}\n`, { sync: true });
    return;
  }
  const found = /"format":\s*(\d+)/.exec(text)?.[1];
  if (Number(found) === formatVersion) return;
  throw new Error(
    `${path} says format ${found ?? "unknown"}; this service reads format ${formatVersion}`,
  );
}

import { randomBytes } from "node:crypto";
import { chmod } from "node:fs/promises";
import { dirname } from "node:path";

import { makeDirectory, readTextIfExists, replaceFile } from "../files/write.ts";

/** A secret that outlives restarts: made at the first start, readable by the service's user only. */
export async function openTokenSecret(path: string): Promise<Buffer> {
  const known = await readTextIfExists(path);
  if (known !== undefined && known.length >= 64) return Buffer.from(known.trim(), "hex");
  const secret = randomBytes(32);
  await replaceFile(path, `${secret.toString("hex")}\n`, { sync: true });
  await chmod(path, 0o600);
  return secret;
}

/** The keys of a file, one a line; made with one random key when it is missing. */
export async function openKeyFile(path: string): Promise<string[]> {
  const text = (await readTextIfExists(path)) ?? "";
  const keys = text.split("\n").map((line) => line.trim());
  const known = keys.filter((key) => key !== "" && !key.startsWith("#"));
  if (known.length > 0) return known;
  const key = `sk_${randomBytes(32).toString("base64url")}`;
  await makeDirectory(dirname(path));
  await replaceFile(path, `${key}\n`, { sync: true });
  return [key];
}

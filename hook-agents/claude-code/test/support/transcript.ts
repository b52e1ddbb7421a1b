import { randomUUID } from "node:crypto";
import { appendFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What the CLI writes, as far as it matters here; each line has a text of its own. */
export const userLine = (text: string) => ({
  type: "user",
  uuid: randomUUID(),
  message: { role: "user", content: text },
});
export const modeLine = (mode: string) => ({ type: "mode", mode });
export const answerLine = (text: string, tokens = 1) => ({
  type: "assistant",
  uuid: randomUUID(),
  message: {
    id: `msg-${text}`,
    model: "m1",
    role: "assistant",
    content: [{ type: "text", text }],
    usage: { input_tokens: tokens, output_tokens: tokens },
  },
});

/** The CLI's folder of one working directory, with the transcripts of one session. */
export interface TranscriptFiles {
  readonly claudeSession: string;
  readonly path: string;
  /** @param name of a subagent's transcript, such as `subagents/agent-1` */
  write(entries: readonly object[], name?: string): Promise<void>;
}

export function transcriptFiles(
  folder: string,
  claudeSession: string = randomUUID(),
): TranscriptFiles {
  const path = join(folder, "projects", "-work-app", `${claudeSession}.jsonl`);
  return {
    claudeSession,
    path,
    async write(entries, name) {
      const file = name === undefined ? path : join(dirname(path), claudeSession, `${name}.jsonl`);
      await mkdir(dirname(file), { recursive: true });
      await appendFile(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    },
  };
}

/** A transcript as the service has it; null when it has none. */
export async function readStored(
  url: string,
  sessionId: string,
  subpath?: string,
  projectKey = "-work-app",
): Promise<unknown[] | null> {
  const query = subpath === undefined ? "" : `?subpath=${encodeURIComponent(subpath)}`;
  const response = await fetch(
    `${url}/v1/store/${projectKey}/sessions/${sessionId}/entries${query}`,
  );
  if (response.status === 404) return null;
  const text = await response.text();
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
}

/** Entries of the main transcript. */
export async function countStored(url: string, sessionId: string): Promise<number> {
  const response = await fetch(`${url}/api/sessions/${sessionId}/transcripts`);
  const { transcripts } = (await response.json()) as { transcripts?: { seq: number }[] };
  return transcripts?.[0]?.seq ?? 0;
}

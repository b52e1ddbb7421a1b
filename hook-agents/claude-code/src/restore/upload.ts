import { Refusal, type ServiceClient } from "../service-client.ts";
import type { Place } from "../transcripts/place.ts";

/** Sends entries that the service lacks, in order. */
export interface Upload {
  add(place: Place, entry: Record<string, unknown>, id: string | undefined): Promise<void>;
  /** Resolves when all of them are stored. */
  end(): Promise<void>;
}

const batchLength = 524_288;

export function createUpload(
  client: ServiceClient,
  sessionId: string,
  epoch: number | undefined,
): Upload {
  let body = "";

  async function send(): Promise<void> {
    if (body === "") return;
    const path = `/api/sessions/${encodeURIComponent(sessionId)}/events`;
    const reply = await client.call("POST", path, { body, epoch });
    if (reply.status !== 200) throw new Refusal(reply);
    body = "";
  }

  return {
    async add(place, entry, id) {
      const data = { ...place, entry };
      body += `${JSON.stringify({ type: "transcript_entry", ...(id && { id }), data })}\n`;
      if (body.length >= batchLength) await send();
    },
    end: send,
  };
}

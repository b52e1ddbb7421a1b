import { isObject, textOf } from "../mapping/payload.ts";
import { createServiceClient } from "../service-client.ts";

/** Whether the relay of this container sees Claude at work on the session. */
export async function isRunningHere(port: number, claudeSession: string): Promise<boolean> {
  const relay = createServiceClient(`http://127.0.0.1:${port}`, undefined);
  const reply = await relay.call("GET", "/status").catch(() => undefined);
  const sessions = isObject(reply?.body) ? reply.body["claudeSessions"] : undefined;
  return isObject(sessions) && textOf(sessions[claudeSession], "life") === "running";
}

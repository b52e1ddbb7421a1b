import { type WireEvent, contentTypes } from "../src/index.ts";
import { contentTypeOf } from "./answer.ts";
import { assert } from "./platform.ts";
import { createQueue } from "./queue.ts";
import { checkEvent } from "./socket.ts";
import type { AnswerStream } from "./transport.ts";

export interface StreamMessage {
  id: string;
  type: string;
  data: string;
}

/** Reads an event stream (WHATWG HTML, section 9.2.6). */
export function openEventStream(answer: AnswerStream) {
  assert.equal(answer.status, 200);
  assert.equal(contentTypeOf(answer), contentTypes.eventStream);
  const messages = createQueue<StreamMessage>("the event stream");
  const comments = createQueue<string>("the event stream's comments");

  const read = async () => {
    let rest = "";
    for await (const chunk of answer.chunks) {
      const blocks = `${rest}${chunk}`.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) take(block.split("\n"));
    }
  };

  function take(lines: readonly string[]) {
    for (const line of lines) if (line.startsWith(":")) comments.put(line.slice(1));
    const field = (name: string) =>
      lines
        .filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).replace(/^ /, ""))
        .join("\n");
    if (field("data") !== "")
      messages.put({ id: field("id"), type: field("event"), data: field("data") });
  }

  const end = (reason: unknown) => {
    messages.end(String(reason));
    comments.end(String(reason));
  };
  read().then(() => end("the service closed it"), end);

  const next = () => messages.take();
  return {
    next,
    comment: (waitMs: number) => comments.take(waitMs),
    /** The next `count` session events with the ids they came under. */
    async events(count: number): Promise<{ id: string; event: WireEvent }[]> {
      const events: { id: string; event: WireEvent }[] = [];
      while (events.length < count) {
        const { id, data } = await next();
        const event: unknown = JSON.parse(data);
        if (typeof event === "object" && event !== null && "offset" in event) {
          events.push({ id, event: checkEvent(event) });
        }
      }
      return events;
    },
  };
}

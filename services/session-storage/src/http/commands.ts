import {
  type ActionInput,
  type Command,
  type LogName,
  type ResponseInput,
  type TranscriptEntry,
  actionInputSchema,
  commandSchema,
  responseInputSchema,
} from "@sessions/contract";
import type * as z from "zod";

import { parseRequest } from "./parse.ts";

const recordInputs = { actions: actionInputSchema, responses: responseInputSchema } as const;
const commandTypes = { actions: "action", responses: "response" } as const;

/** One record as a command. The value itself is kept: a schema's copy would lose a member called `__proto__`. */
export function recordCommand(log: LogName, value: unknown, pointer: PropertyKey[] = []): Command {
  parseRequest(recordInputs[log], value, "body", pointer);
  const type = commandTypes[log];
  return { type, data: value as ActionInput & ResponseInput } as Command;
}

/** Checks that a value fits, and gives the value itself back, for the same reason. */
export function parseAsSent<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  parseRequest(schema, value, "body");
  return value as z.output<Schema>;
}

/** One line of a batch of any kind. */
export function parseCommand(value: unknown, index: number): Command {
  const command = parseRequest(commandSchema, value, "body", [index]);
  const { data } = value as { data: Record<string, unknown> };
  switch (command.type) {
    case "action":
    case "response":
    case "goal_added":
    case "agent_spawned":
      return { ...command, data } as Command;
    case "state_updated":
    case "goal_updated":
      return { ...command, data: { ...command.data, patch: data["patch"] } } as Command;
    case "transcript_entry": {
      const entry = data["entry"] as TranscriptEntry;
      return { ...command, data: { ...command.data, entry } };
    }
    case "agent_completed":
      return { ...command, data: { ...command.data, completion: data["completion"] } } as Command;
    case "session_created":
    case "session_finalized":
    case "metadata_updated":
      return command;
  }
}

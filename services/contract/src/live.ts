import * as z from "zod";

import { sessionEventSchema } from "./event.ts";
import { cursorSchema, sessionIdSchema } from "./ids.ts";
import { limits } from "./limits.ts";
import { problemCodes } from "./problem.ts";
import { flag } from "./query.ts";

const cursor = z.int().nonnegative();
/** A session's id, or `*` for every session that the caller may read. */
export const feedScopeSchema = z.union([z.literal("*"), sessionIdSchema]);
export type FeedScope = z.infer<typeof feedScopeSchema>;

/** Query of `ws://host/ws`. `after` is an offset with `session`, a position without. */
export const socketQuerySchema = z.strictObject({
  session: sessionIdSchema.exactOptional(),
  user: z.string().exactOptional(),
  after: cursorSchema.exactOptional(),
  /** `1`: frames come as arrays, every 50 ms or 64 KB. */
  batch: flag,
  /** Data over 16 KiB comes shortened; `GET …/events?after=<offset - 1>&limit=1` has it whole. */
  preview: flag,
});

/** What a client may send. Cursors of `after` are offsets, that of `*` is a position. */
export const clientFrameSchema = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("subscribe"),
      sessions: z.array(feedScopeSchema).min(1).max(limits.subscriptions),
      after: z.record(z.string(), cursor).exactOptional(),
    }),
    z.strictObject({
      type: z.literal("unsubscribe"),
      sessions: z.array(feedScopeSchema).min(1).max(limits.subscriptions),
    }),
    z.strictObject({ type: z.literal("auth"), token: z.string().min(1) }),
  ])
  .meta({ id: "ClientFrame" });
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** Frames of the service about the feed itself; all others are session events. */
export const controlFrameSchema = z
  .discriminatedUnion("type", [
    z.object({
      type: z.literal("connected"),
      connectionId: z.string(),
      /** False until an `auth` frame is accepted; nothing else is sent before. */
      authenticated: z.boolean(),
      /** The journal's last position. */
      position: cursor,
      version: z.string(),
      timestamp: z.string(),
    }),
    z.object({ type: z.literal("authenticated") }),
    z.object({ type: z.literal("subscribed"), sessions: z.array(z.string()) }),
    z.object({ type: z.literal("unsubscribed"), sessions: z.array(z.string()) }),
    /** Everything up to `cursor` was sent; what follows is live. */
    z.object({ type: z.literal("caught_up"), scope: feedScopeSchema, cursor }),
    /** The events from `from` to `to` can't be sent: an offset, or a position for `*`. */
    z.object({
      type: z.literal("gap"),
      scope: feedScopeSchema,
      from: cursor,
      to: cursor,
      reason: z.enum(["trimmed", "unknown_cursor", "damaged"]),
    }),
    z.object({ type: z.literal("draining"), retryAfterMs: z.int() }),
    z.object({
      type: z.literal("error"),
      code: z.enum(problemCodes),
      detail: z.string(),
    }),
  ])
  .meta({ id: "ControlFrame" });
export type ControlFrame = z.infer<typeof controlFrameSchema>;

export const serverFrameSchema = z
  .union([controlFrameSchema, sessionEventSchema])
  .meta({ id: "ServerFrame" });

/** WebSocket close codes (RFC 6455 and the IANA registry). */
export const closeCodes = {
  goingAway: 1001,
  policyViolation: 1008,
  tryAgainLater: 1013,
} as const;

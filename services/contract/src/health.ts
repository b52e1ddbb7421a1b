import * as z from "zod";

export const storageConditions = ["ok", "full", "read_only"] as const;

export const healthSchema = z
  .object({
    status: z.enum(["ok", "degraded", "draining"]),
    version: z.string(),
    uptime: z.number().meta({ description: "Seconds since the start." }),
    timestamp: z.string(),
    storage: z.looseObject({
      condition: z.enum(storageConditions),
      /** `os`: acknowledged before fsync; a power cut can lose what was acknowledged. */
      durability: z.enum(["fsync", "os"]),
      sessions: z.int(),
      /** The journal's last durable position, and the one up to which all files are on disk. */
      position: z.int(),
      checkpoint: z.int(),
      damagedLines: z.int(),
      damagedSessions: z.array(z.string()),
    }),
    websocket: z.object({ connections: z.int(), subscriptions: z.int() }),
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof healthSchema>;

export const livezSchema = z.object({ status: z.literal("ok") });
export const readyzSchema = z.object({ status: z.literal("ready") });

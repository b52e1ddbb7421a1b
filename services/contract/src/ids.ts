import * as z from "zod";

const windowsDeviceName = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** One path segment on every file system we run on, so that an id never needs escaping. */
export const sessionIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    "must be 1-128 of [A-Za-z0-9._-], starting with a letter or digit",
  )
  .refine((id) => !id.includes(".."), 'must not contain ".."')
  .refine((id) => !id.endsWith("."), "must not end with a dot")
  .refine((id) => !windowsDeviceName.test(id), "must not be a Windows device name")
  .brand<"SessionId">()
  .meta({ id: "SessionId", description: "Names one session; also its folder on the volume." });
export type SessionId = z.infer<typeof sessionIdSchema>;

/** Made by the client when a record is logged; the same id in the same session is stored once. */
export const recordIdSchema = z
  .string()
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/,
    "must be 1-128 visible ASCII characters without quote and backslash",
  );

const itemId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/,
    "must be 1-128 of [A-Za-z0-9._:-], starting with a letter or digit",
  );
export const goalIdSchema = itemId;
export const agentIdSchema = itemId;

// The Agent SDK cuts a long working directory at 200 characters and adds a hash.
const segment = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,219}";
const isLogName = (name: string) => name.endsWith(".jsonl");

/** A project of transcripts: for Claude Code the working directory with everything but letters and digits as `-`. */
export const projectKeySchema = z
  .string()
  .regex(new RegExp(`^${segment}$`), "must be 1-220 of [A-Za-z0-9._-], not starting with a dot")
  .refine((key) => !isLogName(key), "must not end with .jsonl")
  .meta({ id: "ProjectKey" });

/** Names a transcript below the main one, such as `subagents/agent-7`. */
export const subpathSchema = z
  .string()
  .regex(
    new RegExp(`^${segment}(/${segment}){0,7}$`),
    "must be 1-8 names joined by /, each 1-220 of [A-Za-z0-9._-], not starting with a dot",
  )
  .refine((path) => !path.split("/").some(isLogName), "no name may end with .jsonl")
  .meta({ id: "Subpath" });

/** The place in one session's history: 1, 2, 3 …, gap-free, never reused. */
export const offsetSchema = z.int().positive();
/** The place in the journal: global, increasing. */
export const positionSchema = z.int().positive();
export const timestampSchema = z.iso.datetime({ offset: true });

/** A cursor of an offset or a position: hand back what was received, 0 is "from the start". */
export const cursorSchema = z.coerce.number().int().nonnegative();

import { parseArgs } from "node:util";

export interface RestoreOptions {
  /** A session of the service, or of Claude. */
  readonly id?: string;
  /** Where Claude will go on. */
  readonly cwd?: string;
  /** Goes on in a copy and leaves the session to whoever has it. */
  readonly fork: boolean;
  /** Takes the session from a writer that is alive. */
  readonly force: boolean;
  readonly json: boolean;
}

/** Why nothing was restored, for people and, by its code, for programs. */
export class RestoreError extends Error {
  override readonly name = "RestoreError";
  readonly code: string;
  readonly exitCode: number;
  readonly details: Record<string, unknown>;

  constructor(
    code: keyof typeof exitCodes,
    message: string,
    details: Record<string, unknown> = {},
  ) {
    super(message);
    this.code = code;
    this.exitCode = exitCodes[code];
    this.details = details;
  }
}

const exitCodes = {
  failed: 1,
  not_found: 1,
  usage: 2,
  /** Another writer has the session. */
  lease_held: 3,
  /** Claude runs here with this session. */
  running_here: 3,
} as const;

export function parseRestoreOptions(argv: readonly string[]): RestoreOptions {
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { cwd: { type: "string" }, fork: flag, force: flag, json: flag },
    });
    const [id, ...more] = positionals;
    if (more.length > 0) throw new Error("there is one session at a time");
    if (values.fork && values.force)
      throw new Error("--fork takes nothing away: leave out --force");
    const { fork, force, json, cwd } = values;
    return { fork, force, json, ...(id && { id }), ...(cwd && { cwd }) };
  } catch (error) {
    throw new RestoreError("usage", error instanceof Error ? error.message : String(error));
  }
}

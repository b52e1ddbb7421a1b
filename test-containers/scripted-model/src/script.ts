/** Token counts as the Messages API names them; what is not given is estimated. */
export interface Usage {
  input_tokens?: number;
  output_tokens?: number;
  cache_read_input_tokens?: number;
  cache_creation_input_tokens?: number;
}

interface Timing {
  usage?: Usage;
  /** Milliseconds before the answer begins. */
  delayMs?: number;
}
export interface ToolCall extends Timing {
  tool: string;
  input: Readonly<Record<string, unknown>>;
  /** Said before the call. */
  text?: string;
}
export interface Answer extends Timing {
  text: string;
}
export interface Failure extends Timing {
  /** The HTTP status of a refusal; the next step follows after `times` of them, without `times` never. */
  status: number;
  times?: number;
}
/** One answer of the model: an array is one message with several tool calls. */
export type Step = ToolCall | readonly ToolCall[] | Answer | Failure;

/** The steps for prompts that contain `match` and bring no script of their own. */
export interface Rule {
  match: string;
  steps: readonly Step[];
}

export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isToolCall = (value: unknown) =>
  isObject(value) && typeof value["tool"] === "string" && isObject(value["input"]);

function isStep(value: unknown): value is Step {
  if (Array.isArray(value)) return value.length > 0 && value.every(isToolCall);
  if (!isObject(value)) return false;
  return (
    isToolCall(value) || typeof value["text"] === "string" || Number.isInteger(value["status"])
  );
}

export function parseSteps(value: unknown): Step[] {
  if (!Array.isArray(value)) throw new ScriptError("a script is an array of steps");
  const wrong = value.findIndex((step) => !isStep(step));
  if (wrong >= 0)
    throw new ScriptError(`step ${wrong} is none of tool + input, an array of them, text, status`);
  return value;
}

/** @param value `[{match, steps}, …]`, the first match counts; or an array of steps for every prompt */
export function parseRules(value: unknown): Rule[] {
  if (!Array.isArray(value)) throw new ScriptError("a script file is an array");
  const rules: unknown[] = value;
  if (!rules.every((rule) => isObject(rule) && "match" in rule))
    return [{ match: "", steps: parseSteps(value) }];
  return rules.map((rule) => {
    if (!isObject(rule) || typeof rule["match"] !== "string")
      throw new ScriptError("match must be a string");
    return { match: rule["match"], steps: parseSteps(rule["steps"]) };
  });
}

/** The script that a prompt carries as `SCRIPT:[…]`, undefined when it carries none. */
export function findScript(prompt: string): Step[] | undefined {
  const start = prompt.indexOf("SCRIPT:[");
  if (start < 0) return undefined;
  const text = prompt.slice(start + "SCRIPT:".length);
  const json = text.slice(0, endOfArray(text));
  try {
    return parseSteps(JSON.parse(json));
  } catch (error) {
    if (error instanceof ScriptError) throw error;
    throw new ScriptError("SCRIPT: is not followed by JSON", { cause: error });
  }
}

function endOfArray(text: string): number {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (quoted) {
      if (char === "\\") index += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "[") depth += 1;
    else if (char === "]") depth -= 1;
    if (depth === 0) return index + 1;
  }
  throw new ScriptError("SCRIPT: has no closing bracket");
}

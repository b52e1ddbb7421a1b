export {
  type Exchange,
  type ScriptedModel,
  type ScriptedModelOptions,
  startScriptedModel,
} from "./server.ts";
export type { Rule, Step, ToolCall, Usage } from "./script.ts";

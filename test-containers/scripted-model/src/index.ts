export {
  type Exchange,
  type ScriptedModel,
  type ScriptedModelOptions,
  startScriptedModel,
} from "./server.ts";
export type { Rule, Step } from "./script.ts";

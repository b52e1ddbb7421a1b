export {
  SessionCallbackHandler,
  type SessionCallbackHandlerOptions,
} from "./recording/callback-handler.ts";

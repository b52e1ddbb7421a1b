export {
  SessionCallbackHandler,
  type SessionCallbackHandlerOptions,
} from "./recording/callback-handler.ts";
export { SessionStoreSaver, type SessionStoreSaverOptions } from "./saving/session-store-saver.ts";

// The SDK is its user's and not installed here: all that is used of it.
declare module "@anthropic-ai/claude-agent-sdk" {
  export const foldSessionSummary: unknown;
}

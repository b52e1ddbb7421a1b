// The suite is a Node program; only `src` has to run in a browser.
/* oxlint-disable no-restricted-imports */
export { default as assert } from "node:assert/strict";
export { Agent, request } from "node:http";
export { request as secureRequest } from "node:https";
export { parseArgs } from "node:util";
export { WebSocket } from "ws";

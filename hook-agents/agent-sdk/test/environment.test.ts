import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { expect, it, onTestFinished, vi } from "vitest";

import { temporaryDirectory } from "../../node/test/support/temporary-directory.ts";
import { createSessionStore } from "../src/main.ts";
import { messages, newKey } from "./support/store.ts";

/** Says yes to everything, and remembers with what it was asked. */
async function startListener() {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${String(req.headers.authorization)}`);
    req.resume().on("end", () => {
      res.setHeader("content-type", "application/json");
      res.end(JSON.stringify({ success: true, offset: 1, accepted: 1, sessions: [] }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

function environment(variables: Record<string, string>): void {
  for (const name of ["URL", "TOKEN", "TOKEN_FILE", "SPOOL_DIR"]) vi.stubEnv(`SESSION_${name}`, "");
  vi.stubEnv("SESSION_SPOOL_DIR", temporaryDirectory());
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

it.each([
  ["SESSION_TOKEN", (token: string) => ({ SESSION_TOKEN: token })],
  [
    "SESSION_TOKEN_FILE",
    (token: string) => {
      const file = join(temporaryDirectory(), "keys");
      writeFileSync(file, `# keys\n${token}\nanother\n`);
      return { SESSION_TOKEN_FILE: file };
    },
  ],
])("brings the key of %s to every call", async (_name, variables) => {
  const { url, asked } = await startListener();
  environment({ SESSION_SERVICE_URL: url, ...variables("a-key-of-16-chars") });
  const store = createSessionStore({ flushOnExit: false });
  await store.append(newKey({ subpath: "subagents/agent-1" }), messages(1));
  expect(await store.listSessions("-project")).toEqual([]);
  await store.close();
  expect(asked).toEqual(["POST Bearer a-key-of-16-chars", "GET Bearer a-key-of-16-chars"]);
});

it("says at once that the key's file can't be read", () => {
  environment({ SESSION_TOKEN_FILE: join(temporaryDirectory(), "missing") });
  expect(() => createSessionStore({ flushOnExit: false })).toThrow(/ENOENT/);
});

it("says at once that the service's address is none", () => {
  environment({ SESSION_SERVICE_URL: "not a url" });
  expect(() => createSessionStore({ flushOnExit: false })).toThrow(/Invalid URL/);
});

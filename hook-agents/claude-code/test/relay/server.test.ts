import { once } from "node:events";
import { request, type IncomingHttpHeaders } from "node:http";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type HookServer, openHookServer } from "../../src/relay/server.ts";

let server: HookServer;
let hooks: { text: string; pid: number | undefined }[];

beforeEach(async () => {
  hooks = [];
  server = await openHookServer({
    port: 0,
    onHook: (body, pid) => hooks.push({ text: body.toString(), pid }),
    status: () => ({ service: "session-hook" }),
  });
});
afterEach(() => server.close());

/** node:http, because fetch sets Host and Origin as it likes. */
async function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders }> {
  const req = request({ host: "127.0.0.1", port: server.port, method, path, headers });
  req.end(method === "POST" ? "{}" : undefined);
  const [res] = (await once(req, "response")) as [
    { statusCode?: number; headers: IncomingHttpHeaders; resume(): void },
  ];
  res.resume();
  return { status: res.statusCode, headers: res.headers };
}
const json = { "content-type": "application/json" };

describe("the relay's server", () => {
  it("answers a hook with 204 once it is taken", async () => {
    const answer = await send("POST", "/hook", { ...json, "x-claude-pid": "42" });
    expect(answer.status).toBe(204);
    expect(answer.headers["x-session-hook"]).toBe("1");
    expect(hooks).toEqual([{ text: "{}", pid: 42 }]);
  });

  it.each([
    ["another Host", "POST", "/hook", { ...json, host: "evil.example" }, 403],
    ["another port in Host", "POST", "/hook", { ...json, host: "127.0.0.1:1" }, 403],
    ["an Origin", "POST", "/hook", { ...json, origin: "https://evil.example" }, 403],
    ["the Origin null", "POST", "/hook", { ...json, origin: "null" }, 403],
    ["a browser's fetch metadata", "GET", "/status", { "sec-fetch-site": "cross-site" }, 403],
    ["a form's content type", "POST", "/hook", { "content-type": "text/plain" }, 415],
    ["no content type", "POST", "/hook", {}, 415],
    ["another path", "POST", "/other", json, 404],
    ["another method", "PUT", "/hook", json, 404],
  ])("refuses %s", async (_name, method, path, headers, status) => {
    expect((await send(method, path, headers)).status).toBe(status);
    expect(hooks).toEqual([]);
  });

  it("tells its status to this machine", async () => {
    expect((await send("GET", "/status", { host: `localhost:${server.port}` })).status).toBe(200);
  });

  it("rejects when the port is taken", async () => {
    const second = openHookServer({ port: server.port, onHook() {}, status: () => ({}) });
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

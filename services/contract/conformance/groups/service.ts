import { type Route, contentTypes, routes, socketPath } from "../../src/index.ts";
import { contentTypeOf, parseProblem } from "../answer.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";
import { openSocket, upgradeRefusal } from "../socket.ts";

const hostile = "http://evil.example";

export const service: Checks = {
  "says how it is, at both addresses": async (client) => {
    for (const name of ["health", "apiHealth"] as const) {
      const health = await client.ok(name);
      assert.equal(health.status, "ok");
      assert.equal(health.storage.condition, "ok");
      assert.ok(health.uptime >= 0);
      assert.ok(Math.abs(Date.parse(health.timestamp) - Date.now()) < 60_000);
    }
  },

  "counts its sockets": async (client) => {
    const socket = await client.socket();
    await socket.until("connected");
    const { websocket } = await client.ok("health");
    assert.ok(
      websocket.connections >= 1 && websocket.subscriptions >= 1,
      JSON.stringify(websocket),
    );
  },

  "is alive and ready": async (client) => {
    assert.deepEqual(await client.ok("livez"), { status: "ok" });
    assert.deepEqual(await client.ok("readyz"), { status: "ready" });
  },

  "has metrics in Prometheus' text format": async (client) => {
    const { text } = await client.raw("metrics");
    await client.ok("metrics");
    assert.match(text, /^# TYPE \S+ (counter|gauge|histogram|summary)$/m);
    for (const line of text.split("\n").filter((one) => one !== "" && !one.startsWith("#"))) {
      assert.match(line, /^[a-zA-Z_:][\w:]*(\{.*\})? [-+.\deEInfNa]+$/);
    }
  },

  "describes every route of the contract as OpenAPI 3.1": async (client) => {
    const { text } = await client.raw("openapi");
    await client.ok("openapi");
    const document = JSON.parse(text) as { openapi: string; paths: Record<string, object> };
    assert.match(document.openapi, /^3\.1\./);
    for (const route of Object.values<Route>(routes)) {
      assert.ok(
        route.method in (document.paths[route.path] ?? {}),
        `${route.method} ${route.path}`,
      );
    }
  },

  "has documentation to read without a script": async (client) => {
    const answer = await client.raw("docs");
    await client.ok("docs");
    assert.doesNotMatch(answer.text, /<script|https?:\/\/[^"]*\.(js|css)/i);
  },

  "refuses routes that are not there": async (client) => {
    for (const path of [
      "/nothing",
      "/api",
      "/api/nothing",
      "/api/sessions/a/b/c",
      "/API/SESSIONS/x/y/z",
    ]) {
      const answer = await client.send({ method: "GET", path });
      const problem = parseProblem(answer, "not_found");
      assert.equal(problem.instance, path);
    }
  },

  "refuses methods that a route does not have, and names those it has": async (client) => {
    const sessionId = await client.session();
    const table = [
      ["PUT", "/api/sessions", ["GET", "POST"]],
      ["DELETE", `/api/actions/${sessionId}`, ["GET", "POST"]],
      ["POST", `/api/state/${sessionId}`, ["GET", "PATCH"]],
      ["PUT", "/health", ["GET"]],
      ["GET", `/api/sessions/${sessionId}/finalize`, ["POST"]],
    ] as const;
    for (const [method, path, allowed] of table) {
      const answer = await client.send({ method, path });
      parseProblem(answer, "method_not_allowed");
      // RFC 9110, section 15.5.6: a 405 carries Allow.
      const allow = String(answer.headers["allow"] ?? "").split(/, */);
      for (const one of allowed)
        assert.ok(allow.includes(one), `${method} ${path}: Allow is ${allow.join()}`);
    }
  },

  "names the request in a problem's instance": async (client) => {
    const sessionId = client.newId();
    const problem = await client.refused("getState", "session_not_found", {
      params: { sessionId },
    });
    assert.equal(problem.instance, `/api/state/${sessionId}`);
    assert.ok(problem.type.length > 0);
  },

  "refuses a Host that is not its own": async (client) => {
    for (const host of ["evil.example", "evil.example:9000", "localhost.evil.example"]) {
      for (const path of ["/api/sessions", "/api/query/stats"]) {
        const answer = await client.send({ method: "GET", path, headers: { host } });
        parseProblem(answer, "host_not_allowed");
      }
    }
  },

  "refuses an Origin that is not allowed, for reading and writing": async (client) => {
    const sessionId = await client.session();
    for (const origin of [hostile, "null", "http://localhost.evil.example"]) {
      const headers = { origin };
      await client.refused("getState", "origin_not_allowed", { params: { sessionId }, headers });
      await client.refused("appendActions", "origin_not_allowed", {
        params: { sessionId },
        headers,
        body: { type: "a" },
      });
    }
  },

  "takes requests from its own origin": async (client) => {
    const { origin } = new URL(client.target.baseUrl);
    await client.ok("stats", { headers: { origin } });
  },

  "refuses a socket from a Host or Origin that is not allowed": async (client) => {
    const { baseUrl, apiKey = "" } = client.target;
    const authorization = `Bearer ${apiKey}`;
    const table = [
      [{ origin: hostile }, "origin_not_allowed"],
      [{ host: "evil.example" }, "host_not_allowed"],
    ] as const;
    for (const [headers, code] of table) {
      const opening = openSocket(baseUrl, "", { authorization, ...headers });
      parseProblem(await upgradeRefusal(opening), code);
    }
  },

  "answers the socket's path with a problem when it is not an upgrade": async (client) => {
    const answer = await client.send({ method: "GET", path: socketPath });
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
    assert.equal(contentTypeOf(answer), contentTypes.problem);
  },
};

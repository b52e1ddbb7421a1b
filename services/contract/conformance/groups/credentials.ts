import { parseProblem } from "../answer.ts";
import { type Client, createClient } from "../client.ts";
import type { Checks } from "../conformance-case.ts";
import { assert } from "../platform.ts";

/** A new session and its token. */
async function sessionWithToken(client: Client) {
  const sessionId = client.newId();
  const { writeToken } = await client.ok("createSession", { body: { sessionId } });
  assert.ok(typeof writeToken === "string" && writeToken.length >= 32, "no writeToken");
  return { sessionId, token: writeToken };
}

/** Runs with other credentials than the key. */
async function as<T>(
  { target: { baseUrl } }: Client,
  token: string | undefined,
  run: (client: Client) => Promise<T>,
): Promise<T> {
  const client = createClient({ baseUrl, ...(token !== undefined && { apiKey: token }) });
  try {
    return await run(client);
  } finally {
    client.close();
  }
}

export const credentials: Checks = {
  "asks for credentials everywhere but at its public addresses": async (client) => {
    const params = { sessionId: await client.session(), goalId: "g", agentId: "a" };
    await as(client, undefined, async (stranger) => {
      for (const name of [
        "listSessions",
        "stats",
        "search",
        "metrics",
        "getState",
        "getActions",
        "getEvents",
        "getFeed",
      ] as const) {
        const answer = await stranger.raw(name, { params });
        parseProblem(answer, "unauthorized");
        // RFC 9110, section 15.5.2: a 401 carries WWW-Authenticate.
        assert.match(String(answer.headers["www-authenticate"]), /^Bearer/);
      }
      for (const name of [
        "createSession",
        "appendActions",
        "patchState",
        "addGoal",
        "patchGoal",
        "spawnAgent",
        "appendEvents",
        "finalizeSession",
      ] as const) {
        await stranger.refused(name, "unauthorized", { params, body: {} });
      }
      await stranger.refused("deleteSession", "unauthorized", { params });
      for (const name of ["health", "apiHealth", "livez", "readyz", "openapi", "docs"] as const)
        await stranger.ok(name);
    });
  },

  "refuses keys that are not its own": async (client) => {
    const { apiKey = "" } = client.target;
    for (const token of ["wrong", `${apiKey}x`, apiKey.slice(0, -1), ""]) {
      await as(client, token, (stranger) => stranger.refused("listSessions", "unauthorized"));
    }
    const headers = { authorization: `Basic ${apiKey}` };
    await client.refused("listSessions", "unauthorized", { headers });
  },

  "says nothing about which sessions exist to who has no credentials": async (client) => {
    const sessionId = await client.session();
    const [there, missing] = await as(client, undefined, (stranger) =>
      Promise.all([
        stranger.raw("getState", { params: { sessionId } }),
        stranger.raw("getState", { params: { sessionId: stranger.newId() } }),
      ]),
    );
    assert.deepEqual([there.status, missing.status], [401, 401]);
  },

  "lets a session's token read and write its own session": async (client) => {
    const { sessionId, token } = await sessionWithToken(client);
    const params = { sessionId };
    await as(client, token, async (holder) => {
      await holder.append(sessionId, { type: "a" });
      await holder.appendBatch(sessionId, [{ text: "r" }], "appendResponses");
      await holder.ok("appendEvents", { params, body: [{ type: "action", data: { type: "b" } }] });
      await holder.ok("patchState", { params, body: { phase: "p" } });
      await holder.ok("addGoal", { params, body: { description: "d" } });
      await holder.ok("getSession", { params });
      await holder.ok("getEvents", { params });
      await holder.ok("finalizeSession", { params, body: {} });
      const met = await holder.ok("createSession", { body: { sessionId } });
      assert.deepEqual([met.created, met.writeToken], [false, undefined]);
    });
  },

  "keeps a session's token away from other sessions and from the fleet": async (client) => {
    const { token } = await sessionWithToken(client);
    const { sessionId } = await sessionWithToken(client);
    const params = { sessionId };
    await as(client, token, async (holder) => {
      for (const name of ["getSession", "getState", "getActions", "getEvents"] as const) {
        await holder.refused(name, "forbidden", { params });
      }
      await holder.refused("appendActions", "forbidden", { params, body: { type: "a" } });
      await holder.refused("deleteSession", "forbidden", { params, query: { force: "true" } });
      await holder.refused("getState", "forbidden", { params: { sessionId: holder.newId() } });
      for (const name of [
        "listSessions",
        "stats",
        "recentSessions",
        "getFeed",
        "metrics",
      ] as const) {
        await holder.refused(name, "forbidden");
      }
      await holder.refused("search", "forbidden", { query: { q: "x" } });
      await holder.refused("createSession", "forbidden", { body: {} });
      await holder.refused("createSession", "forbidden", { body: { sessionId } });
      await holder.refused("createSession", "forbidden", { body: { sessionId: client.newId() } });
    });
    await client.ok("getState", { params });
  },

  "answers a token to the batch that creates a session, and only to that": async (client) => {
    const params = { sessionId: client.newId() };
    const body = [{ type: "session_created", id: "c-1", data: {} }];
    const { writeToken } = await client.ok("appendEvents", { params, body });
    assert.equal(typeof writeToken, "string");
    const again = await client.ok("appendEvents", { params, body });
    assert.equal(again.writeToken, undefined);
    await as(client, writeToken, (holder) => holder.ok("getState", { params }));
  },

  "refuses the token of a session that was deleted": async (client) => {
    const { sessionId, token } = await sessionWithToken(client);
    const params = { sessionId };
    await client.ok("deleteSession", { params, query: { force: "true" } });
    await client.ok("createSession", { body: { sessionId } });
    const answer = await as(client, token, (holder) => holder.raw("getState", { params }));
    assert.ok([401, 403].includes(answer.status), `${answer.status}`);
  },

  "keeps a socket without credentials silent until it brings some": async (client) => {
    const { sessionId, token } = await sessionWithToken(client);
    // A browser can't set a header on a socket: it has to open without credentials.
    const socket = await client.socket(`?session=${sessionId}&after=0`, "");
    const connected = await socket.next();
    assert.ok(connected.type === "connected" && !connected.authenticated);
    await client.append(sessionId, { type: "secret" });
    socket.send({ type: "auth", token });
    assert.equal((await socket.next()).type, "authenticated");
    const events = await socket.events(2);
    assert.deepEqual(
      events.map(({ offset }) => offset),
      [1, 2],
    );
  },

  "refuses a socket's wrong token": async (client) => {
    const socket = await client.socket("", "");
    await socket.until("connected");
    socket.send({ type: "auth", token: "wrong" });
    assert.equal((await socket.until("error")).code, "unauthorized");
  },

  "keeps a socket with a session's token to that session": async (client) => {
    const { sessionId, token } = await sessionWithToken(client);
    const { sessionId: other } = await sessionWithToken(client);
    const socket = await client.socket(`?session=${sessionId}`, token);
    await socket.until("connected");
    for (const sessions of [[other], ["*"]]) {
      socket.send({ type: "subscribe", sessions });
      assert.equal((await socket.until("error")).code, "forbidden");
    }
    await client.append(other, { type: "theirs" });
    await client.append(sessionId, { type: "mine" });
    assert.equal((await socket.events(1))[0]?.sessionId, sessionId);
  },
};

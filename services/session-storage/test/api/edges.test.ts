import { readFile, readdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

import request from "supertest";
import { beforeEach, describe, expect, it } from "vitest";

import { startService, temporaryFolder } from "../support/start-service.ts";

let volume: string;
beforeEach(async () => {
  volume = `${await temporaryFolder()}/inner/volume`;
});

const act = (url: string, sessionId: string, body: object = { type: "step" }) =>
  request(url).post(`/api/actions/${sessionId}`).send(body);

describe("nothing appears outside the volume", () => {
  it.each([
    "..%2F..%2Fescape",
    "%2e%2e%2f%2e%2e%2fescape",
    "..%5C..%5Cescape",
    "..",
    "%2e%2e",
    "a%00b",
    "a%2Fb",
    "C%3A",
    "nul",
    "%ff",
  ])("for the id %s in a path", async (id) => {
    const { url } = await startService(volume);
    const before = await readdir(dirname(volume));

    const answers = [
      await act(url, id),
      await request(url).get(`/api/state/${id}`),
      await request(url).patch(`/api/state/${id}`).send({ a: 1 }),
      await request(url)
        .post(`/api/sessions/${id}/events`)
        .send([{ type: "session_created", data: {} }]),
    ];

    for (const answer of answers) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body).toMatchObject({ success: false });
      expect(answer.text).not.toContain(volume);
    }
    expect(await readdir(dirname(volume))).toEqual(before);
    expect(await readdir(`${volume}/sessions`)).toEqual([]);
  });
});

describe("RATE_LIMIT", () => {
  it("refuses what is over a session's share of a second, and only that session's", async () => {
    const { url } = await startService(volume, { RATE_LIMIT: "5" });
    for (const sessionId of ["a", "b"])
      await request(url).post("/api/sessions").send({ sessionId });
    const records = Array.from({ length: 5 }, (_, i) => ({ type: `t-${i}` }));
    expect((await act(url, "a", records)).status).toBe(200);

    const refused = await act(url, "a");

    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe("1");
    expect(refused.body).toMatchObject({
      code: "rate_limited",
      detail: expect.stringContaining("RATE_LIMIT"),
    });
    expect((await act(url, "b")).status).toBe(200);
  });
});

it("MAX_RECORD_BYTES bounds each record, and the refusal names it", async () => {
  const { url } = await startService(volume, { MAX_RECORD_BYTES: "2000" });
  await request(url).post("/api/sessions").send({ sessionId: "a" });
  const record = { type: "t", text: "x".repeat(1_900) };

  expect((await act(url, "a", [record, record])).status).toBe(200);
  const refused = await act(url, "a", [record, { ...record, text: "x".repeat(2_000) }]);
  expect(refused.status).toBe(413);
  expect(refused.body.detail).toContain("2000 (MAX_RECORD_BYTES)");
});

describe("ALLOWED_ORIGINS", () => {
  const page = "https://board.example";

  it("lets the pages it names call, with a preflight, and no other", async () => {
    const { url } = await startService(volume, { ALLOWED_ORIGINS: page });

    const preflight = await request(url)
      .options("/api/sessions")
      .set({ origin: page, "access-control-request-method": "POST" });
    const allowed = await request(url).get("/api/query/stats").set("origin", page);
    const refused = await request(url)
      .get("/api/query/stats")
      .set("origin", "https://evil.example");

    expect(preflight.status).toBe(204);
    expect(allowed.headers["access-control-allow-origin"]).toBe(page);
    expect(refused.status).toBe(403);
    expect(refused.body.code).toBe("origin_not_allowed");
  });

  it("without it a page of the service's own origin may call", async () => {
    const { url } = await startService(volume);

    expect((await request(url).get("/api/query/stats").set("origin", url)).status).toBe(200);
    for (const path of ["/api/query/stats", "/", "/health", "/nowhere"]) {
      const rebound = await request(url).get(path).set("host", "rebound.example");
      expect([path, rebound.body.code]).toEqual([path, "host_not_allowed"]);
    }
  });
});

it("keeps the token secret and the keys away from others, and makes a key when there is none", async () => {
  const keys = `${dirname(volume)}/keys/api-keys`;
  const { url } = await startService(volume, { AUTH: "on", API_KEYS_FILE: keys });
  const key = (await readFile(keys, "utf8")).trim();

  expect((await request(url).get("/api/query/stats")).status).toBe(401);
  expect(
    (await request(url).get("/api/query/stats").set("authorization", `Bearer ${key}`)).status,
  ).toBe(200);
  expect((await stat(`${volume}/.token-secret`)).mode & 0o077).toBe(0);
});

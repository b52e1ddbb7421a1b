import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, it, onTestFinished } from "vitest";

import { createHttpClient } from "../src/http.ts";
import { readJsonLines } from "../src/lines.ts";

/** Stands in for answers that the real service can't be brought to give, one after another, the last for ever. */
async function startAnswers(...answers: ((res: ServerResponse) => void)[]) {
  const times: number[] = [];
  const server = createServer((_, res) => {
    const answer = answers[Math.min(times.length, answers.length - 1)];
    times.push(performance.now());
    answer?.(res);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = createHttpClient(`http://127.0.0.1:${port}/base`, "secret");
  onTestFinished(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const read = async (timeoutMs = 5_000) =>
    client.call({ method: "GET", path: "v1/x" }, timeoutMs, async (body) => {
      const values: unknown[] = [];
      await readJsonLines(body, (value) => values.push(value));
      return values;
    });
  return { read, times };
}

const problem =
  (status: number, code: string, headers: object = {}) =>
  (res: ServerResponse) =>
    void res.writeHead(status, { ...headers }).end(JSON.stringify({ status, code, detail: "no" }));
const lines =
  (...pieces: string[]) =>
  (res: ServerResponse) => {
    for (const piece of pieces) res.write(piece);
    res.end();
  };
const cut = (text: string) => (res: ServerResponse) =>
  void res.write(text, () => res.socket?.destroy());
const silence = () => {};

describe("a call", () => {
  it("is made again while the service can't answer, and begins anew when the answer broke off", async () => {
    const { read, times } = await startAnswers(
      problem(503, "draining"),
      problem(429, "rate_limited"),
      cut('{"n":1}\n{"n":2}\n{"n"'),
      lines('{"n":1}\n{"n":'),
      lines('{"n":1}\n{"n":', "2}\n", '{"text":"', "ä".repeat(10_000), '"}\n'),
    );
    expect(await read()).toEqual({ result: [{ n: 1 }, { n: 2 }, { text: "ä".repeat(10_000) }] });
    expect(times).toHaveLength(5);
  });

  it("waits as long as it is told to", async () => {
    const { read, times } = await startAnswers(
      problem(503, "overloaded", { "retry-after": "1" }),
      lines(),
    );
    expect(await read()).toEqual({ result: [] });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
  });

  it("hands over a refusal at once", async () => {
    const { read, times } = await startAnswers(problem(404, "not_found"));
    expect(await read()).toEqual({ problem: { status: 404, code: "not_found", detail: "no" } });
    expect(times).toHaveLength(1);
  });

  it.each([
    ["says nothing", silence],
    ["breaks off", cut('{"n":1}\n')],
    ["stays away", problem(503, "draining")],
    ["asks for more time than there is", problem(503, "draining", { "retry-after": "60" })],
  ])("gives up in time when the service %s", async (_how, answer) => {
    const { read } = await startAnswers(answer);
    const before = performance.now();
    await expect(read(300)).rejects.toMatchObject({ code: "unavailable" });
    expect(performance.now() - before).toBeLessThan(3_000);
  });

  it("says so when something else answers than the service", async () => {
    const { read } = await startAnswers((res) => void res.writeHead(403).end("<html>"));
    expect(await read()).toMatchObject({ problem: { status: 403, code: "" } });
  });
});

import { mkdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { isObject } from "../../src/mapping/payload.ts";
import { createLease, type Lease } from "../../src/relay/lease.ts";
import { openOwner, type Owner } from "../../src/relay/owner.ts";
import { createServiceClient } from "../../src/service-client.ts";
import { silentLog, temporaryFolder } from "../support/relay.ts";
import {
  readEvents,
  type Service,
  startService,
  waitForEvent,
  type WireEvent,
} from "../support/service.ts";

let service: Service;
let folder: string;
let owner: Owner;
let sessionId: string;
let forgotten: number;
let sessions = 0;

beforeAll(async () => {
  service = await startService(join(await temporaryFolder(), "store"));
});
afterAll(() => service.kill("SIGKILL"));
beforeEach(async () => {
  folder = await temporaryFolder();
  owner = openOwner(folder);
  sessionId = `lease-${++sessions}`;
  forgotten = 0;
});

const create = () => request("POST", "/api/sessions", { sessionId });
async function request(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${service.url}${path}`, {
    method,
    ...(body && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  return response.json();
}
const url = () => `/api/sessions/${sessionId}/lease`;
const other = (more: object = {}) => request("POST", url(), { owner: "other", ...more });

interface Open {
  readonly as?: Owner;
  readonly serviceUrl?: string;
  readonly ttlMs?: number;
  readonly path?: string;
}
function open({ as = owner, serviceUrl = service.url, ttlMs = 60_000, path }: Open = {}): Lease {
  return createLease({
    sessionId,
    owner: as,
    client: createServiceClient(serviceUrl, undefined),
    ttlMs,
    path: path ?? join(folder, "lease.json"),
    onForgotten: () => (forgotten += 1),
    log: silentLog,
  });
}

/** Keeps it as a relay does, until it is as wanted. */
async function keepUntil(lease: Lease, isIt: (lease: Lease) => boolean): Promise<void> {
  while (!isIt(lease)) {
    lease.keep();
    await new Promise(setImmediate);
  }
}
const isState = (state: string) => (lease: Lease) => lease.status().state === state;
const held = async () => {
  await create();
  const lease = open();
  await keepUntil(lease, (each) => each.isOurs());
  return lease;
};

describe("a session's lease", () => {
  it("is asked for until the session is there", async () => {
    const lease = open();
    await keepUntil(lease, (each) => "reason" in each.status());
    expect(lease.isOurs()).toBe(false);
    expect(lease.epoch()).toBeUndefined();
    await create();
    await keepUntil(lease, (each) => each.isOurs());
    expect(lease.epoch()).toBe(1);
  });

  it("waits for whoever has it, and has it once they let go", async () => {
    await create();
    await other();
    const lease = open();
    await keepUntil(lease, isState("held"));
    expect(lease.status()).toMatchObject({ owner: "other" });
    expect(lease.isOurs()).toBe(false);
    await request("DELETE", `${url()}?epoch=1`);
    await keepUntil(lease, (each) => each.isOurs());
    expect(lease.epoch()).toBe(2);
  });

  it("does not end while it is kept", async () => {
    await create();
    const lease = open({ ttlMs: 2_000 });
    const until = Date.now() + 3_500;
    await keepUntil(lease, () => Date.now() >= until);
    expect(await other()).toMatchObject({ code: "lease_held" });
    expect((await readEvents(service.url, sessionId)).map(({ type }) => type)).toEqual([
      "session_created",
      "lease_acquired",
    ]);
  });

  it("is let go, and given anew", async () => {
    const lease = await held();
    await lease.release();
    expect(lease.epoch()).toBeUndefined();
    expect(await other()).toMatchObject({ lease: { epoch: 2 } });
  });

  it("is the same for the next relay with the same spool, once that has asked", async () => {
    await held();
    const next = open();
    expect(next.epoch()).toBe(1);
    expect(next.isOurs()).toBe(false);
    await keepUntil(next, (each) => each.isOurs());
    expect(next.epoch()).toBe(1);
  });

  it("is taken from an earlier container that had the same spool", async () => {
    await create();
    const earlier = { ...owner, name: owner.name.replace(/^[^:]*/, "gone") };
    await keepUntil(open({ as: earlier, path: join(folder, "gone.json") }), (each) =>
      each.isOurs(),
    );
    const lease = open();
    await keepUntil(lease, (each) => each.isOurs());
    expect(lease.epoch()).toBe(2);
  });
});

describe("a lease that is lost", () => {
  it("stays with the heir: nothing is asked for any more, also by the next relay", async () => {
    const lease = await held();
    await other({ force: true });
    lease.lost();
    await keepUntil(lease, (each) => "owner" in each.status());
    expect(lease.status()).toEqual({ state: "fenced", epoch: 1, owner: "other" });
    await request("DELETE", `${url()}?epoch=2`);
    const next = open();
    for (const each of [lease, next]) {
      each.keep();
      expect(each.epoch()).toBe(1);
      expect(each.isOurs()).toBe(false);
    }
    expect(forgotten).toBe(0);
  });

  it("is not taken back when the heir has let go of it before we noticed", async () => {
    await create();
    const lease = open({ ttlMs: 3_000 });
    await keepUntil(lease, (each) => each.isOurs());
    await other({ force: true });
    await request("DELETE", `${url()}?epoch=2`);
    await keepUntil(lease, isState("fenced"));
    expect(lease.epoch()).toBe(1);
    const isGivenBack = ({ type, data }: WireEvent) =>
      type === "lease_released" && data["epoch"] === 3;
    await waitForEvent(service.url, sessionId, isGivenBack);
  });

  it("is not even asked for after a silence, in which an heir may have come and gone", async () => {
    await create();
    const lease = open({ ttlMs: 1_000 });
    await keepUntil(lease, (each) => each.isOurs());
    // As a frozen container: nothing is kept until the lease is over.
    for (let answer: unknown; !isObject(answer) || !("lease" in answer);) answer = await other();
    await request("DELETE", `${url()}?epoch=2`);
    await keepUntil(lease, isState("fenced"));
    const events = await readEvents(service.url, sessionId);
    expect(events.map(({ type, data }) => `${type} ${String(data["epoch"])}`).slice(1)).toEqual([
      "lease_acquired 1",
      "lease_acquired 2",
      "lease_released 2",
    ]);
  });

  it("is asked for anew by a new Claude process, and by one that was restored", async () => {
    const lease = await held();
    await other({ force: true });
    lease.lost();
    await keepUntil(lease, (each) => "owner" in each.status());
    await request("DELETE", `${url()}?epoch=2`);
    expect(lease.begin()).toBe(true);
    expect(lease.epoch()).toBeUndefined();
    await keepUntil(lease, (each) => each.isOurs());
    expect(lease.epoch()).toBe(3);
    expect(lease.begin()).toBe(false);

    await other({ force: true });
    lease.lost();
    await request("POST", url(), { owner: owner.name, ttlMs: 60_000, force: true });
    expect(lease.begin(5)).toBe(true);
    await keepUntil(lease, (each) => each.isOurs());
    expect(lease.epoch()).toBe(5);
  });

  it("was not taken by anybody when the session was deleted: all of it goes there again", async () => {
    const lease = await held();
    await request("DELETE", `/api/sessions/${sessionId}?force=true`);
    lease.lost();
    await keepUntil(lease, isState("unknown"));
    expect(forgotten).toBe(1);
    await create();
    await keepUntil(lease, (each) => each.isOurs());
    expect(lease.epoch()).toBe(1);
  });

  it("was not taken either when there is another session under its id by now", async () => {
    const lease = await held();
    await request("DELETE", `/api/sessions/${sessionId}?force=true`);
    await create();
    lease.lost();
    await keepUntil(lease, (each) => each.isOurs());
    expect(forgotten).toBe(1);
  });
});

describe("a service that knows no leases", () => {
  let old: Server;
  afterEach(() => void old.close());
  const start = async (transcripts: number) => {
    old = createServer((req, res) => {
      const status = req.url?.endsWith("/transcripts") ? transcripts : 404;
      res.writeHead(status, { "content-type": "application/json" }).end('{"code":"not_found"}');
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => old.once("listening", resolve));
    return `http://127.0.0.1:${(old.address() as AddressInfo).port}`;
  };

  it.each([
    ["gets transcripts without one", 200, true],
    ["gets none when it knows none either", 404, false],
  ])("%s", async (_name, status, isOurs) => {
    const lease = open({ serviceUrl: await start(status) });
    await keepUntil(lease, isState("unsupported"));
    expect(lease.isOurs()).toBe(isOurs);
    expect(lease.epoch()).toBeUndefined();
  });
});

describe("a service that can't be reached", () => {
  it("leaves everything as it was, and is asked again", async () => {
    const lease = await held();
    const cut = open({ serviceUrl: "http://127.0.0.1:9" });
    cut.keep();
    expect(cut.epoch()).toBe(lease.epoch());
    await mkdir(join(folder, "other"));
    const fresh = open({ serviceUrl: "http://127.0.0.1:9", path: join(folder, "other", "l.json") });
    await keepUntil(fresh, (each) => "reason" in each.status());
    expect(fresh.isOurs()).toBe(false);
  });
});

import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Service, buildDashboard, startService } from "./support/service.ts";

describe("the service", () => {
  let folder: string;
  let service: Service;
  beforeAll(async () => {
    folder = await buildDashboard();
    service = await startService(folder, { AUTH: "on", API_KEYS: "0123456789abcdef" });
  }, 30_000);
  afterAll(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("gives the page to anybody, and the data to nobody without a key", async () => {
    const page = await fetch(service.url);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect((await fetch(`${service.url}/api/sessions`)).status).toBe(401);
  });

  it("forbids the page everything but its own files", async () => {
    const policy = (await fetch(service.url)).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it("lets files be kept whose name changes with their content, and no others", async () => {
    const [asset = ""] = readdirSync(join(folder, "assets"));
    const lasting = await fetch(`${service.url}/assets/${asset}`);
    expect(lasting.headers.get("cache-control")).toContain("immutable");
    const theme = await fetch(`${service.url}/theme.js`);
    expect(theme.headers.get("cache-control")).toBe("no-cache");
  });

  it.each(["/..%2f..%2fpackage.json", "/assets/..%2f..%2fpackage.json", "/nothing.js", "/assets"])(
    "has no %s",
    async (path) => {
      const answer = await fetch(service.url + path);
      expect(answer.status).toBe(404);
      expect(answer.headers.get("content-type")).toContain("problem+json");
    },
  );

  it("runs without a page where none was built", async () => {
    const plain = await startService(join(folder, "nowhere"));
    expect((await fetch(plain.url)).status).toBe(404);
    expect((await fetch(`${plain.url}/api/sessions`)).status).toBe(200);
    await plain.close();
  }, 20_000);
});

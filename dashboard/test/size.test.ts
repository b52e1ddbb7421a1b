import { readFileSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, expect, it } from "vitest";

import { buildDashboard } from "./support/service.ts";

const maxScriptBytes = 60_000;
const maxStyleBytes = 12_000;

let folder = "";
let page = "";
beforeAll(async () => {
  folder = await buildDashboard();
  page = readFileSync(join(folder, "index.html"), "utf8");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** gzip bytes of the files that the page names: what is loaded before anything is asked for. */
function gzippedBytes(extension: string): number {
  const named = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, file = ""]) => file);
  const files = named.filter((file) => file.endsWith(extension));
  expect(files.length).toBeGreaterThan(0);
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
}

it("starts with at most 60 KB of script and 12 KB of style", () => {
  expect(gzippedBytes(".js")).toBeLessThan(maxScriptBytes);
  expect(gzippedBytes(".css")).toBeLessThan(maxStyleBytes);
});

it("has nothing inline that its content security policy forbids", () => {
  expect(page).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*src=)/);
});

it("brings no schema library and names no other origin to load from", () => {
  const assets = readdirSync(join(folder, "assets"));
  const all = assets.map((file) => readFileSync(join(folder, "assets", file), "utf8")).join("\n");
  expect(all).not.toContain("ZodError");
  expect(all).not.toMatch(/@import|url\(\s*["']?https?:/);
});

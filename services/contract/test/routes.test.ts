import { build } from "esbuild";
import { expect, it } from "vitest";

import { commandSchema } from "../src/event.ts";
import { type Route, eventTypes, problemCodes, problems, routes } from "../src/index.ts";

const all = Object.entries<Route>(routes);

it.each(all)("gives %s a schema for each parameter of its path", (_name, { path, params }) => {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  expect(Object.keys(params?.shape ?? {})).toEqual(inPath);
});

it("has no two routes of the same method and path", () => {
  const addresses = all.map(
    ([, { method, path }]) => `${method} ${path.replace(/\{\w+\}/g, "{}")}`,
  );
  expect(new Set(addresses).size).toBe(addresses.length);
});

it("asks for the session's credentials wherever a path names a session", () => {
  for (const [name, { path, access }] of all) {
    expect([name, access === "session"]).toEqual([name, path.includes("{sessionId}")]);
  }
});

it("declares what can be wrong with a body wherever there is one", () => {
  for (const [, { problems: declared }] of all.filter(([, route]) => route.body)) {
    expect(declared).toEqual(
      expect.arrayContaining(["malformed_json", "invalid_content", "unsupported_media_type"]),
    );
  }
});

/** Events that have a route and no command. */
const ofRoutes = new Set<string>([
  "lease_acquired",
  "lease_released",
  "session_deleted",
  "session_restored",
  "transcript_deleted",
  "transcript_summarized",
]);

it("can ask for every event but those that have a route", () => {
  const types = commandSchema.options.flatMap((option) => [...option.shape.type.values]);
  expect(types.toSorted()).toEqual(eventTypes.filter((type) => !ofRoutes.has(type)).toSorted());
});

it.each(problemCodes)("says %s with an HTTP error status and a title", (code) => {
  expect(problems[code].status).toBeGreaterThanOrEqual(400);
  expect(problems[code].status).toBeLessThan(600);
  expect(problems[code].title).toMatch(/^[A-Z]/);
});

it("runs in a browser: nothing but itself and zod", async () => {
  const { metafile } = await build({
    entryPoints: [new URL("../src/index.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "esm",
    logLevel: "silent",
  });
  const outside = Object.keys(metafile.inputs).filter(
    (file) => !/(^|\/)contract\/src\/|node_modules\/zod\//.test(file),
  );
  expect(outside).toEqual([]);
});

import { type Route, problems, routes } from "@sessions/contract";
import { describe, expect, it } from "vitest";

import { renderDocsPage } from "../../src/http/docs-page.ts";
import { createOpenApiDocument } from "../../src/http/openapi.ts";

const document = createOpenApiDocument("1.2.3");
const text = JSON.stringify(document);
const operationOf = (route: Route) => document.paths?.[route.path]?.[route.method];

describe("the OpenAPI document", () => {
  it("is OpenAPI 3.1 and carries the service's version", () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info.version).toBe("1.2.3");
  });

  it.each(Object.entries(routes) as [string, Route][])("describes %s", (name, route) => {
    const operation = operationOf(route);

    expect(operation?.operationId).toBe(name);
    expect(operation?.summary).toBe(route.summary);
    const expected = [
      ...Object.keys(route.answers),
      ...route.problems.map((code) => String(problems[code].status)),
    ];
    expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(expected));
  });

  it("names every path parameter that a path has, and no other", () => {
    for (const route of Object.values<Route>(routes)) {
      const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = (operationOf(route)?.parameters ?? []).filter(
        (one) => "in" in one && one.in === "path",
      );
      expect(described.map((one) => "name" in one && one.name)).toEqual(inPath);
    }
  });

  it("answers every problem as application/problem+json", () => {
    const answers = Object.values<Route>(routes).flatMap((route) =>
      Object.entries(operationOf(route)?.responses ?? {}),
    );
    const refusals = answers.filter(([status]) => Number(status) >= 400);
    expect(refusals.length).toBeGreaterThan(100);
    const types = refusals.map(([, answer]) => Object.keys(answer.content ?? {}).join());
    expect([...new Set(types)]).toEqual(["application/problem+json"]);
  });

  it("refers only to components that exist", () => {
    const referred = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    const defined = Object.keys(document.components?.schemas ?? {});

    expect(referred.length).toBeGreaterThan(20);
    expect(defined).toEqual(expect.arrayContaining([...new Set(referred)]));
    expect(defined).toEqual(expect.arrayContaining(["ServerFrame", "ClientFrame", "Problem"]));
  });

  it("leaves answers open for further members and bodies as strict as they are", () => {
    const schemas = document.components?.schemas;
    expect(schemas?.["AppendReceipt"]).not.toHaveProperty("additionalProperties");
    expect(schemas?.["CreateSession"]).toHaveProperty("additionalProperties", false);
  });

  it("asks for a key or token everywhere but on public routes", () => {
    expect(operationOf(routes.health)?.security).toEqual([]);
    expect(operationOf(routes.listSessions)?.security).toEqual([{ apiKey: [] }]);
    expect(operationOf(routes.getState)?.security).toEqual([{ apiKey: [] }, { sessionToken: [] }]);
  });
});

describe("the docs page", () => {
  const page = renderDocsPage(document);

  it("shows every route", () => {
    for (const name of Object.keys(routes)) expect(page).toContain(`<details id="${name}">`);
  });

  it("links only to places it has", () => {
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets.length).toBeGreaterThan(10);
    for (const id of targets) expect(page).toContain(`id="${id}"`);
  });

  it("needs no script and no other resource", () => {
    expect(page).not.toMatch(/<script|<link|<img|\bsrc=|@import|url\(/i);
  });

  it("escapes what the document says", () => {
    const hostile = { ...document, info: { title: "<script>alert(1)</script>", version: '"&' } };
    const rendered = renderDocsPage(hostile);
    expect(rendered).not.toContain("<script>");
    expect(rendered).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;");
  });
});

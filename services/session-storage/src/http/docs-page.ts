import type { OpenApiDocument } from "./openapi.ts";

type Operation = NonNullable<NonNullable<OpenApiDocument["paths"]>[string]["get"]>;
type Parameter = Extract<NonNullable<Operation["parameters"]>[number], { in: string }>;

const methods = ["get", "post", "put", "patch", "delete"] as const;

const style = `
:root { color-scheme: light dark; --ink: #1c2024; --paper: #fff; --soft: #f1f3f5; --line: #d9dee3; --accent: #0b62b8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #14171a; --soft: #1e2327; --line: #343b41; --accent: #74b4f5; }
}
body { margin: 0 auto; max-width: 56rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
code, pre { font: 0.875rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
code { background: var(--soft); padding: 0 0.2em; border-radius: 3px; }
pre { background: var(--soft); padding: 0.75rem; overflow-x: auto; white-space: pre; }
a { color: var(--accent); }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
details { border: 1px solid var(--line); border-radius: 4px; margin: 0.5rem 0; padding: 0.5rem 0.75rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 4.5ch; color: var(--accent); }
dt { margin-top: 0.5rem; }
dd { margin-left: 1rem; overflow-wrap: anywhere; }
`;

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escape = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
/** Text with `code` in backticks. */
const prose = (text: string) => escape(text).replace(/`([^`]+)`/g, "<code>$1</code>");

const schemaName = (ref: string) => ref.slice(ref.lastIndexOf("/") + 1);
const link = (name: string) => `<a href="#${escape(name)}">${escape(name)}</a>`;

/** A schema in one line: a link when it is a component, else its JSON. */
function schemaLine(schema: unknown): string {
  if (typeof schema !== "object" || schema === null) return "";
  if ("$ref" in schema) return link(schemaName(String(schema.$ref)));
  if ("type" in schema && schema.type === "array" && "items" in schema) {
    return `array of ${schemaLine(schema.items)}`;
  }
  if ("anyOf" in schema && Array.isArray(schema.anyOf)) {
    return schema.anyOf.map(schemaLine).join(" or ");
  }
  return `<code>${escape(JSON.stringify(schema))}</code>`;
}

const contentLines = (content: Record<string, { schema?: unknown }> = {}) =>
  Object.entries(content)
    .map(([type, { schema }]) => `<br><code>${escape(type)}</code> ${schemaLine(schema)}`)
    .join("");

function parameterEntry(parameter: Parameter): string {
  const need = parameter.required === true ? ", required" : "";
  const description = parameter.description ? `<br>${prose(parameter.description)}` : "";
  return `<dt><code>${escape(parameter.name)}</code> (${parameter.in}${need})</dt><dd>${schemaLine(parameter.schema)}${description}</dd>`;
}

function operationSection(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).filter((one) => "in" in one);
  const body = operation.requestBody;
  const entries = [
    ...parameters.map(parameterEntry),
    ...(body && "content" in body ? [`<dt>Body</dt><dd>${contentLines(body.content)}</dd>`] : []),
    ...Object.entries(operation.responses ?? {}).map(
      ([status, answer]) =>
        `<dt>${escape(status)}</dt><dd>${prose(answer.description ?? "")}${status.startsWith("2") ? contentLines(answer.content) : ""}</dd>`,
    ),
  ];
  return `<details id="${escape(operation.operationId ?? "")}"><summary><b>${method.toUpperCase()}</b> <code>${escape(path)}</code> ${prose(operation.summary ?? "")}</summary><dl>${entries.join("")}</dl></details>`;
}

/** Reads well without a script or a further request. @returns a whole HTML page; everything from the document is escaped */
export function renderDocsPage(document: OpenApiDocument): string {
  const sections = new Map<string, string[]>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of methods) {
      const operation = item[method];
      if (operation === undefined) continue;
      const tag = operation.tags?.[0] ?? "";
      sections.set(tag, [...(sections.get(tag) ?? []), operationSection(method, path, operation)]);
    }
  }
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<details id="${escape(name)}"><summary>${escape(name)}</summary><pre>${escape(JSON.stringify(schema, undefined, 2))}</pre></details>`,
  );
  const title = `${escape(document.info.title)} ${escape(document.info.version)}`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${style}</style></head>
<body>
<h1>${title}</h1>
<p>${prose(document.info.description ?? "")}</p>
<p>The same for machines: <a href="/openapi.json">/openapi.json</a></p>
${[...sections].map(([tag, operations]) => `<h2>${escape(tag)}</h2>${operations.join("\n")}`).join("\n")}
<h2>Schemas</h2>
${schemas.join("\n")}
</body>
</html>
`;
}

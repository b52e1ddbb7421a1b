import { routes } from "@sessions/contract";

import { ServiceError } from "../domain/errors.ts";
import type { AppDependencies } from "./dependencies.ts";
import { renderDocsPage } from "./docs-page.ts";
import type { Mount } from "./mount.ts";
import { createOpenApiDocument } from "./openapi.ts";
import { sendJson, sendText } from "./send.ts";

/** How the service is, and what it can do. */
export function mountServiceRoutes(mount: Mount, dependencies: AppDependencies): void {
  const { health, metrics, version } = dependencies;
  const document = createOpenApiDocument(version);
  const page = renderDocsPage(document);

  for (const route of [routes.health, routes.apiHealth])
    mount(route, ({ res }) => sendJson(res, 200, health()));
  mount(routes.livez, ({ res }) => sendJson(res, 200, { status: "ok" }));
  mount(routes.readyz, ({ res }) => {
    const { status, storage } = health();
    if (status === "draining")
      throw new ServiceError("draining", "the service is shutting down", { retryAfterMs: 5_000 });
    if (storage.condition === "full")
      throw new ServiceError("storage_full", "the volume is full", { retryAfterMs: 1_000 });
    if (storage.condition === "read_only") {
      const detail = "a write to the volume failed; the service is read-only until it is restarted";
      throw new ServiceError("storage_read_only", detail, { retryAfterMs: 30_000 });
    }
    sendJson(res, 200, { status: "ready" });
  });
  mount(routes.metrics, async ({ res }) =>
    sendText(res, 200, await metrics(), { "content-type": "text/plain; version=0.0.4" }),
  );
  mount(routes.openapi, ({ res }) => sendJson(res, 200, document));
  mount(routes.docs, ({ res }) =>
    sendText(res, 200, page, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    }),
  );
}

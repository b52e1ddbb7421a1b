import { type Route, leaseEpochHeader, routes } from "@sessions/contract";
import cors from "cors";
import express, { type Express, type RequestHandler } from "express";

import { ServiceError } from "../domain/errors.ts";
import { mountDashboardFiles } from "./dashboard-files.ts";
import type { AppDependencies } from "./dependencies.ts";
import { mountEventRoutes } from "./event-routes.ts";
import { mountLeaseRoutes } from "./lease-routes.ts";
import { mountLogRoutes } from "./log-routes.ts";
import { createMount } from "./mount.ts";
import { problemHandler } from "./problem-handler.ts";
import { mountQueryRoutes } from "./query-routes.ts";
import { mountServiceRoutes } from "./service-routes.ts";
import { mountSessionRoutes } from "./session-routes.ts";
import { mountStateRoutes } from "./state-routes.ts";
import { mountStoreRoutes } from "./store-routes.ts";

export function createApp(dependencies: AppDependencies): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  if (dependencies.allowedOrigins.length > 0) app.use(allowOrigins(dependencies.allowedOrigins));
  // Before anything answers, the page's files and unknown paths included.
  app.use((req, res, next) => {
    res.locals["principal"] = dependencies.authorizer.authenticate(req.headers);
    next();
  });
  const mount = createMount(app, dependencies);
  // The appends first: Express tries the routes in this order.
  mountLogRoutes(mount, dependencies);
  mountEventRoutes(mount, dependencies);
  mountStateRoutes(mount, dependencies);
  mountStoreRoutes(mount, dependencies);
  mountLeaseRoutes(mount, dependencies);
  mountSessionRoutes(mount, dependencies);
  mountQueryRoutes(mount, dependencies);
  mountServiceRoutes(mount, dependencies);
  if (dependencies.dashboardPath !== undefined)
    mountDashboardFiles(app, dependencies.dashboardPath);
  app.use(refuseUnknown(Object.values(routes)));
  app.use(problemHandler(dependencies.log));
  return app;
}

function allowOrigins(origins: readonly string[]): RequestHandler {
  return cors({
    origin: origins.includes("*") ? "*" : [...origins],
    allowedHeaders: [
      "authorization",
      "content-type",
      "idempotency-key",
      "if-match",
      "last-event-id",
      leaseEpochHeader,
    ],
    exposedHeaders: ["etag", "retry-after"],
    maxAge: 600,
  });
}

/** 404 for a path that no route has, 405 for a method that its routes do not have. */
function refuseUnknown(all: readonly Route[]): RequestHandler {
  const known = all.map(({ method, path }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+").replaceAll(".", "\\.")}/?$`),
  }));
  return (req, res) => {
    const methods = known.filter(({ pattern }) => pattern.test(req.path));
    if (methods.length === 0)
      throw new ServiceError("not_found", `no route ${req.method} ${req.path}`);
    const allow = methods.map(({ method }) => method).join(", ");
    res.setHeader("allow", allow);
    throw new ServiceError("method_not_allowed", `${req.path} takes ${allow}, not ${req.method}`);
  };
}

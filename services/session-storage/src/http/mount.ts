import { type Route, type SessionId, leaseEpochHeader } from "@sessions/contract";
import type { Express, Request, Response } from "express";
import type * as z from "zod";

import type { Principal } from "../access/authorize.ts";
import { ServiceError } from "../domain/errors.ts";
import type { ExecuteOptions } from "../domain/sessions.ts";
import { contentTypeOf, readBody } from "./body.ts";
import type { AppDependencies } from "./dependencies.ts";
import { parseRequest } from "./parse.ts";

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : Record<string, never>;

export interface Call<R extends Route> {
  req: Request;
  res: Response;
  principal: Principal;
  params: Output<R["params"]>;
  query: Output<R["query"]>;
  /** Under which the client writes, when it says so. */
  fence: Pick<ExecuteOptions, "epoch">;
  /** The parsed body; its content type is one of the route's. */
  readBody(): Promise<{ contentType: string; value: unknown }>;
}

export type Mount = <R extends Route>(
  route: R,
  handle: (call: Call<R>) => Promise<void> | void,
) => void;

/** Mounts routes of the contract: path, method, who may, and what the parameters are all come from there. */
export function createMount(
  app: Express,
  { authorizer, maxRecordBytes }: Pick<AppDependencies, "authorizer" | "maxRecordBytes">,
): Mount {
  return (route, handle) => {
    const accepted = Object.keys(route.body ?? {});
    app[route.method](expressPath(route.path), async (req: Request, res: Response) => {
      const principal = res.locals["principal"] as Principal;
      const params = route.params ? parseRequest(route.params, req.params, "path") : {};
      authorizer.authorize(
        principal,
        route.access,
        (params as { sessionId?: SessionId }).sessionId,
      );
      const query = route.query ? parseRequest(route.query, { ...req.query }, "query") : {};
      await handle({
        req,
        res,
        principal,
        params: params as never,
        query: query as never,
        fence: fenceOf(req.headers[leaseEpochHeader]),
        async readBody() {
          const contentType = contentTypeOf(req, accepted);
          const { entries } = route;
          return {
            contentType,
            value: await readBody(req, contentType, { entries, maxRecordBytes }),
          };
        },
      });
    });
  };
}

function fenceOf(epoch: string | string[] | undefined): Pick<ExecuteOptions, "epoch"> {
  if (epoch === undefined) return {};
  if (typeof epoch === "string" && /^[1-9]\d{0,14}$/.test(epoch)) return { epoch: Number(epoch) };
  throw new ServiceError("invalid_request", "Lease-Epoch must be a whole number from 1");
}

/** OpenAPI writes `{name}`, Express `:name`. */
export function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

import type { Access, SessionId } from "@sessions/contract";

import { ServiceError } from "../domain/errors.ts";

/** Whom a request speaks for. `session` holds a token: it proves itself against one session. */
export type Principal =
  | { readonly kind: "fleet" }
  | { readonly kind: "session"; readonly token: string }
  | { readonly kind: "anonymous" };

export interface AuthorizerDependencies {
  isAuthOn: boolean;
  apiKeys: readonly string[];
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
  /** Signs write tokens; whoever has it can make one for any session. */
  tokenSecret: Buffer;
  /** When the session was created, undefined when there is none: a token dies with its session. */
  createdAt(sessionId: SessionId): string | undefined;
}

export interface Authorizer {
  /** Host, Origin and credentials; throws `host_not_allowed`, `origin_not_allowed` or `unauthorized`. */
  authenticate(headers: IncomingHttpHeaders): Principal;
  /** A credential that came without a header. Throws `unauthorized`. */
  authenticateToken(token: string): Principal;
  /** Throws `unauthorized` or `forbidden`. Everything that is not allowed is refused. */
  authorize(principal: Principal, access: Access, sessionId?: SessionId): void;
  mintToken(sessionId: SessionId): string;
}

const tokenPrefix = "st_";

/** The one gate of every route and every socket. */
export function createAuthorizer(dependencies: AuthorizerDependencies): Authorizer {
  const { isAuthOn, tokenSecret, createdAt } = dependencies;
  const keyDigests = dependencies.apiKeys.map(digest);
  const hosts = new Set(dependencies.allowedHosts.map((host) => host.toLowerCase()));
  const origins = new Set(dependencies.allowedOrigins);

  function checkHost(headers: IncomingHttpHeaders): void {
    const host = (headers.host ?? "").toLowerCase();
    if (hosts.has("*") || hosts.has(host) || hosts.has(host.replace(/:\d+$/, ""))) return;
    throw new ServiceError(
      "host_not_allowed",
      `the Host ${JSON.stringify(host)} is not in ALLOWED_HOSTS`,
    );
  }

  /** A browser says from which page a request comes; a page of another origin may not even read. */
  function checkOrigin({ origin, host }: IncomingHttpHeaders): void {
    if (origin === undefined || origins.has("*") || origins.has(origin)) return;
    if (origin === `http://${host}` || origin === `https://${host}`) return;
    throw new ServiceError(
      "origin_not_allowed",
      `the Origin ${JSON.stringify(origin)} is not in ALLOWED_ORIGINS`,
    );
  }

  function authenticateToken(token: string): Principal {
    if (token.startsWith(tokenPrefix)) return { kind: "session", token };
    const given = digest(token);
    // Every key is compared, so that the time tells nothing about which one came close.
    const matches = keyDigests.filter((key) => timingSafeEqual(key, given)).length;
    if (matches > 0) return { kind: "fleet" };
    throw new ServiceError("unauthorized", "the key is unknown");
  }

  function tokenOf(sessionId: SessionId): string | undefined {
    const created = createdAt(sessionId);
    if (created === undefined) return undefined;
    const mac = createHmac("sha256", tokenSecret).update(`${sessionId}\n${created}`);
    return tokenPrefix + mac.digest("base64url");
  }

  return {
    authenticateToken,
    authenticate(headers) {
      checkHost(headers);
      checkOrigin(headers);
      const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
      if (!isAuthOn) return { kind: "fleet" };
      return bearer === undefined ? { kind: "anonymous" } : authenticateToken(bearer);
    },
    authorize(principal, access, sessionId) {
      if (access === "public" || principal.kind === "fleet") return;
      if (principal.kind === "anonymous") {
        throw new ServiceError(
          "unauthorized",
          "send Authorization: Bearer with an API key or the session's write token",
        );
      }
      // The handler asks again, once the body has named the session.
      if (access === "named") return;
      const expected = sessionId === undefined ? undefined : tokenOf(sessionId);
      const holdsToken =
        expected !== undefined && timingSafeEqual(digest(expected), digest(principal.token));
      if (access === "session" && holdsToken) return;
      throw new ServiceError("forbidden", "the token does not allow this");
    },
    mintToken(sessionId) {
      const token = tokenOf(sessionId);
      if (token === undefined) throw new Error(`no session ${sessionId} to mint a token for`);
      return token;
    },
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

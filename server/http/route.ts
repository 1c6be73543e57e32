import type * as z from "zod";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { TokenScope } from "@/server/contracts/api-tokens.ts";
import type { Role } from "@/server/contracts/me.ts";
import type { Portal } from "@/server/portal.ts";

/** Who may call a route. Namespaces are checked by the handlers that change something in one. */
export type Access = "public" | readonly Role[];

/** Everybody who is signed in. */
export const everyRole: readonly Role[] = ["viewer", "developer", "platform", "auditor"];
/** Those who may propose. */
export const proposers: readonly Role[] = ["developer", "platform"];

export interface RequestContext<Q, B> {
  readonly portal: Portal;
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  /** Address of the client, for the audit; empty when unknown. */
  readonly address: string;
}

export interface SignedInContext<Q, B> extends RequestContext<Q, B> {
  readonly person: SignedIn;
  /** Token of the session cookie; empty for programs. */
  readonly sessionToken: string;
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Segments; `:name` takes one. */
  readonly path: string;
  readonly access: Access;
  /** What a token needs to be taken here; undefined: only people who are signed in. */
  readonly scope: TokenScope | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  /** A Response, or data that goes out as JSON. */
  handle(context: SignedInContext<unknown, unknown>): Promise<unknown>;
}

interface RouteSpec<Q, B, C> {
  readonly scope?: TokenScope;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  handle(context: C): Promise<unknown> | unknown;
}

/** A route for those who are signed in with one of `roles`. */
export function route<Q = undefined, B = undefined>(
  method: Route["method"],
  path: string,
  roles: readonly Role[],
  spec: RouteSpec<Q, B, SignedInContext<Q, B>>,
): Route {
  return {
    method,
    path,
    access: roles,
    scope: spec.scope,
    query: spec.query,
    body: spec.body,
    // The router parsed query and body with these very schemas.
    handle: async (context) => spec.handle(context as SignedInContext<Q, B>),
  };
}

/** A route that needs no session. */
export function publicRoute<Q = undefined, B = undefined>(
  method: Route["method"],
  path: string,
  spec: RouteSpec<Q, B, RequestContext<Q, B>>,
): Route {
  return {
    method,
    path,
    access: "public",
    scope: undefined,
    query: spec.query,
    body: spec.body,
    handle: async (context) => spec.handle(context as RequestContext<Q, B>),
  };
}

import { findBearer } from "@/server/auth/api-tokens.ts";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { AuditAction } from "@/server/contracts/audit.ts";
import { PortalError } from "@/server/errors.ts";
import type { Portal } from "@/server/portal.ts";
import { check, readJson } from "./body.ts";
import { readSessionCookie } from "./cookies.ts";
import { problemResponse } from "./problem.ts";
import type { Route, SignedInContext } from "./route.ts";

/** The session of a request; also for pages, which pass their cookie header. */
export async function personOf(portal: Portal, cookieHeader: string | null): Promise<SignedIn | undefined> {
  const token = readSessionCookie(cookieHeader, portal.config);
  return token === "" ? undefined : portal.sessions.find(token);
}

/**
 * Answers one request of the API: finds the route, checks origin, session, role, query and body, in this order, and
 * turns every failure into a problem. Refused attempts to change something are audited.
 */
export async function answer(portal: Portal, routes: readonly Route[], request: Request): Promise<Response> {
  try {
    const url = new URL(request.url);
    const { route, params } = findRoute(routes, request.method, url.pathname);
    checkOrigin(portal, request);
    const person = route.access === "public" ? undefined : await authorize(portal, route, request);
    const query: unknown =
      route.query === undefined ? undefined : check(route.query, Object.fromEntries(url.searchParams));
    const body: unknown = route.body === undefined ? undefined : check(route.body, await readJson(request));
    const context = {
      portal,
      request,
      params,
      query,
      body,
      person,
      sessionToken: readSessionCookie(request.headers.get("cookie"), portal.config),
      address: (request.headers.get("x-forwarded-for") ?? "").split(",")[0]?.trim().slice(0, 64) ?? "",
    };
    // `person` is absent on public routes only, whose handlers do not have it in their type.
    const result = await route.handle(context as SignedInContext<unknown, unknown>);
    return withoutBody(request, result instanceof Response ? result : json(result));
  } catch (error) {
    return problemResponse(error, portal.log);
  }
}

/** Who asks for the head alone reads no body: a stream would go on for nobody. */
function withoutBody({ method }: Request, response: Response): Response {
  if (method !== "HEAD") {
    return response;
  }
  response.body?.cancel().catch(() => undefined);
  return new Response(null, response);
}

/** Data as JSON that no cache keeps. */
export function json(data: unknown, init: { status?: number; headers?: Record<string, string> } = {}): Response {
  return new Response(data === undefined ? null : JSON.stringify(data), {
    status: init.status ?? (data === undefined ? 204 : 200),
    headers: { "content-type": "application/json", "cache-control": "no-store", ...init.headers },
  });
}

function findRoute(
  routes: readonly Route[],
  method: string,
  pathname: string,
): { route: Route; params: Record<string, string> } {
  const found = routes
    .map((route) => ({ route, params: matchPath(route.path, pathname) }))
    .filter(
      (candidate): candidate is { route: Route; params: Record<string, string> } => candidate.params !== undefined,
    );
  const wanted = method === "HEAD" ? "GET" : method;
  const match = found.find(({ route }) => route.method === wanted);
  if (match !== undefined) {
    return match;
  }
  throw found.length === 0
    ? new PortalError("not-found", "There is nothing at this address.")
    : new PortalError("method-not-allowed", `This address does not take ${method}.`);
}

/** Parameters of `/a/:name` in `/a/b`; `undefined` when it does not match. */
export function matchPath(pattern: string, pathname: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) {
    return undefined;
  }
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) {
      try {
        params[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return undefined;
      }
    } else if (part !== value) {
      return undefined;
    }
  }
  return params;
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** A browser names the origin of every mutation; a page of another site cannot forge it. */
function checkOrigin(portal: Portal, request: Request): void {
  if (safeMethods.has(request.method)) {
    return;
  }
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  // The host is the browser's own word too; it makes localhost, 127.0.0.1 and a proxy's name all work.
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host");
  const own = [portal.config.portalUrl, `http://${host}`, `https://${host}`];
  const foreign = origin === null ? site !== null && site !== "same-origin" && site !== "none" : !own.includes(origin);
  if (foreign) {
    throw new PortalError(
      "wrong-origin",
      "This request came from another site and was refused. Use the portal's pages.",
    );
  }
}

async function authorize(portal: Portal, route: Route, request: Request): Promise<SignedIn> {
  const person = await callerOf(portal, route, request);
  if (route.access !== "public" && !route.access.some((role) => person.roles.includes(role))) {
    if (!safeMethods.has(request.method)) {
      await portal.audit({
        actor: person,
        action: refusedAction(route.path),
        object: new URL(request.url).pathname,
        outcome: "refused",
        detail: `The role ${person.roles.join(", ")} does not allow it`,
      });
    }
    throw new PortalError(
      "forbidden",
      `Your role (${person.roles.join(", ")}) does not allow this. Ask somebody with the role ${route.access.filter((role) => role !== "viewer").join(" or ")}.`,
    );
  }
  return person;
}

/** Whoever calls: a program by its token, or a person by the session. A request that names a token has no session. */
async function callerOf(portal: Portal, route: Route, request: Request): Promise<SignedIn> {
  const authorization = request.headers.get("authorization");
  if (authorization === null) {
    const person = await personOf(portal, request.headers.get("cookie"));
    if (person === undefined) {
      throw new PortalError("unauthenticated", "Sign in first: open the link from the terminal where Towpath runs.");
    }
    return person;
  }
  const secret = /^Bearer +(\S{1,128})$/i.exec(authorization)?.[1] ?? "";
  const bearer = await findBearer(portal.db, secret, new Date());
  if (bearer === undefined) {
    throw new PortalError(
      "unauthenticated",
      "This token is not known, was ended, or its time is over. Make a new one.",
    );
  }
  const { scope } = route;
  if (scope === undefined || !bearer.scopes.includes(scope)) {
    const detail =
      scope === undefined
        ? "No token is taken here. Sign in on the portal's page."
        : `This token may not do that: it lacks the scope ${scope}. Make one that has it.`;
    if (!safeMethods.has(request.method)) {
      await portal.audit({
        actor: bearer.person,
        action: refusedAction(route.path),
        object: new URL(request.url).pathname,
        outcome: "refused",
        detail: `A token without the scope ${scope ?? "for it"}`,
      });
    }
    throw new PortalError("token-scope", detail);
  }
  return bearer.person;
}

/** What a refused attempt would have been, by the path of its route; the first that fits. */
const refusedActions: readonly (readonly [part: string, action: AuditAction])[] = [
  ["/rollouts/:id/promote", "rollout-promote"],
  ["/rollouts/:id/pause", "rollout-pause"],
  ["/rollouts/:id/resume", "rollout-resume"],
  ["/rollouts/:id/abort", "rollout-abort"],
  ["/rollouts/:id/retry", "rollout-retry"],
  ["/rollouts/:id/restart", "rollout-restart"],
  ["/rollouts/:id/undo", "rollout-undo"],
  ["/rollout-bundles/:id/abort", "rollout-abort"],
  ["/rollouts", "rollout-start"],
  ["/rollout-bundles", "rollout-start"],
  ["/tokens/:id", "token-ended"],
  ["/tokens", "token-made"],
  ["/undo", "change-undo"],
  ["/approve", "change-approve"],
  ["/reject", "change-reject"],
  ["/withdraw", "change-withdraw"],
  ["/try", "try-it"],
  ["/settings", "settings-update"],
];

/** The action that a refused attempt at a route goes on record as. */
export const refusedAction = (path: string): AuditAction =>
  refusedActions.find(([part]) => path.includes(part))?.[1] ?? "change-apply";

import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, qualifiedPlural } from "./api-error.ts";
import type { Authenticate } from "./auth/authenticate.ts";
import type { Attributes } from "./auth/authorize.ts";
import { answerReview, type ReviewDeps } from "./auth/reviews.ts";
import { issuer } from "./auth/service-account-tokens.ts";
import { requestToken } from "./auth/token-request.ts";
import type { Discovery } from "./discovery/discovery.ts";
import { version } from "./discovery/version.ts";
import { type ApiRequest, agentOf, type ObjectRequest, parseResourcePath, type ResourcePath } from "./http/request.ts";
import { type Answer, errorAnswer } from "./http/respond.ts";
import type { WatchLimiter } from "./http/watch-limiter.ts";
import { bindPod } from "./pods/binding.ts";
import { evictPod } from "./pods/eviction.ts";
import { type NodeSocketDeps, streamLogs } from "./pods/node-socket.ts";
import { deleteCollection, deleteObject } from "./resources/delete.ts";
import { create, replace } from "./resources/mutate.ts";
import { patch } from "./resources/patch.ts";
import { getObject, isWatch, listObjects } from "./resources/read.ts";
import { scale } from "./resources/scale.ts";
import { watchObjects } from "./resources/watch.ts";
import { storeRefusal, type WriteDeps } from "./resources/write.ts";

/** Everything that requests are answered from. */
export interface RouterDeps extends WriteDeps, ReviewDeps, NodeSocketDeps {
  readonly authenticate: Authenticate;
  readonly discovery: Discovery;
  /** `/openapi/…`; undefined for paths that are none. */
  readonly openapi: (path: string) => Promise<Answer | undefined>;
  readonly watches: WatchLimiter;
  /** Fires when the server stops: watches end in good order. */
  readonly stopping: AbortSignal;
}

/** The request's sender and address. Throws 401. */
export function openRequest(deps: Pick<RouterDeps, "authenticate">, raw: IncomingMessage): ApiRequest {
  const user = deps.authenticate(raw.headers.authorization);
  if (user === undefined) {
    throw errors.unauthorized();
  }
  const url = parseUrl(raw.url ?? "/");
  return {
    raw,
    method: raw.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    user,
    agent: agentOf(raw.headers["user-agent"]),
    warnings: [],
  };
}

function parseUrl(text: string): URL {
  try {
    return new URL(text, "https://localhost");
  } catch {
    throw errors.badRequest("the request's path cannot be read");
  }
}

/** Throws 403 when the sender may not do what the request asks, 401 when nobody knows who asks. */
export function authorizeRequest(
  { authorizer }: Pick<RouterDeps, "authorizer">,
  request: ApiRequest,
  attributes: Attributes,
): void {
  const decision = authorizer.authorize(request.user, attributes);
  if (decision.allowed) {
    return;
  }
  const { username } = request.user;
  if ("path" in attributes) {
    throw errors.forbidden(
      `forbidden: User ${JSON.stringify(username)} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}`,
    );
  }
  const { verb, group, resource, namespace, name } = attributes;
  const scope = namespace === undefined ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const kind = { group, plural: resource };
  throw errors.forbidden(
    `${qualifiedPlural(kind)}${name === undefined ? "" : ` ${JSON.stringify(name)}`} is forbidden: User ${JSON.stringify(username)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${scope}`,
    kind,
    name,
  );
}

const verbs: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** What a request for objects wants to do, as authorizers see it. */
export function attributesOf({ method, query }: ApiRequest, target: ResourcePath): Attributes {
  let verb = verbs[method] ?? method.toLowerCase();
  if (target.name === undefined && verb === "get") {
    verb = isWatch(query) ? "watch" : "list";
  } else if (target.name === undefined && verb === "delete") {
    verb = "deletecollection";
  }
  return {
    verb,
    group: target.group,
    resource: target.subresource === undefined ? target.plural : `${target.plural}/${target.subresource}`,
    // A Namespace is in itself, for rules that are given per namespace.
    namespace: target.namespace,
    name: target.name,
  };
}

/** Answers one request; undefined when the answer was streamed. Throws `ApiError`. */
export async function route(
  deps: RouterDeps,
  raw: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const request = openRequest(deps, raw);
  const target = parseResourcePath(request.path);
  if (target === undefined || isDiscovery(request.path)) {
    authorizeRequest(deps, request, { verb: verbs[request.method] ?? "", path: request.path });
    return (await document(deps, request)) ?? notFound();
  }
  authorizeRequest(deps, request, attributesOf(request, target));
  const review = await answerReview(deps, request, target.group, target.version, target.plural);
  if (review !== undefined) {
    return review;
  }
  const objectRequest = withKind(deps, request, target);
  try {
    return await objects(deps, objectRequest, response);
  } catch (error) {
    const refusal = storeRefusal(error, objectRequest.kind, target.name ?? "");
    const answer = response.headersSent ? undefined : errorAnswer(refusal, request.warnings);
    if (answer === undefined) {
      throw refusal;
    }
    return answer;
  }
}

const isDiscovery = (path: string): boolean => /^\/(api\/[^/]+|apis\/[^/]+(\/[^/]+)?)\/?$/.test(path);

const notFound = (): never => {
  throw errors.noResource();
};

/** Finds the kind behind a path. Throws 404, 405. */
export function withKind(deps: Pick<RouterDeps, "kinds">, request: ApiRequest, target: ResourcePath): ObjectRequest {
  const kind = deps.kinds.find(
    ({ group, plural, served }) =>
      group === target.group && plural === target.plural && served.includes(target.version),
  );
  // One object of a namespaced kind has a namespace; a cluster-wide kind never has one.
  const isMisplaced =
    kind !== undefined &&
    ((kind.namespaced && target.name !== undefined && target.namespace === undefined) ||
      (!kind.namespaced && target.namespace !== undefined));
  if (kind === undefined || isMisplaced) {
    throw errors.noResource();
  }
  return { ...request, target, kind };
}

/** How others verify ServiceAccount tokens by themselves (OpenID Connect Discovery 1.0). */
const openidConfiguration = {
  issuer,
  jwks_uri: `${issuer}/openid/v1/jwks`,
  response_types_supported: ["id_token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["ES256"],
};

async function document(deps: RouterDeps, { path, method, raw }: ApiRequest): Promise<Answer | undefined> {
  if (method !== "GET" && method !== "HEAD") {
    throw errors.methodNotAllowed();
  }
  if (path === "/version" || path === "/version/") {
    return { code: 200, body: JSON.stringify(version) };
  }
  if (/^\/(livez|readyz|healthz)(\/|$)/.test(path)) {
    return { code: 200, body: "ok", contentType: "text/plain; charset=utf-8" };
  }
  if (path === "/openid/v1/jwks") {
    return { code: 200, body: JSON.stringify(deps.accounts.jwks), contentType: "application/jwk-set+json" };
  }
  if (path === "/.well-known/openid-configuration") {
    return { code: 200, body: JSON.stringify(openidConfiguration) };
  }
  if (path.startsWith("/openapi/")) {
    return deps.openapi(path);
  }
  return deps.discovery(path, raw.headers.accept);
}

async function objects(
  deps: RouterDeps,
  request: ObjectRequest,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const { target, method } = request;
  if (target.subresource !== undefined && !(target.subresource === "status" && request.kind.hasStatus)) {
    return subresource(deps, request, response);
  }
  if (target.name === undefined) {
    return collection(deps, request, response);
  }
  switch (method) {
    case "GET":
    case "HEAD":
      return isWatch(request.query) ? watch(deps, request, response) : getObject(deps, request);
    case "PUT":
      return replace(deps, request);
    case "PATCH":
      return patch(deps, request);
    case "DELETE":
      return target.subresource === undefined ? deleteObject(deps, request) : methodNotAllowed();
    default:
      return methodNotAllowed();
  }
}

const methodNotAllowed = (): never => {
  throw errors.methodNotAllowed();
};

async function collection(
  deps: RouterDeps,
  request: ObjectRequest,
  response: ServerResponse,
): Promise<Answer | undefined> {
  switch (request.method) {
    case "GET":
    case "HEAD":
      return isWatch(request.query) ? watch(deps, request, response) : listObjects(deps, request);
    case "POST":
      if (request.kind.namespaced && request.target.namespace === undefined) {
        return methodNotAllowed();
      }
      return create(deps, request);
    case "DELETE":
      return deleteCollection(deps, request);
    default:
      return methodNotAllowed();
  }
}

async function watch(deps: RouterDeps, request: ObjectRequest, response: ServerResponse): Promise<undefined> {
  const release = deps.watches.acquire(request.user.username);
  try {
    await watchObjects(deps, request, response, deps.stopping);
  } finally {
    release();
  }
}

async function subresource(
  deps: RouterDeps,
  request: ObjectRequest,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const { kind, target, method } = request;
  const of = `${kind.group}/${kind.plural}/${target.subresource}`;
  if (target.subresource === "scale" && kind.scale !== undefined) {
    return ["GET", "PUT", "PATCH"].includes(method) ? scale(deps, request) : methodNotAllowed();
  }
  switch (of) {
    case "/pods/log":
      if (method !== "GET") {
        return methodNotAllowed();
      }
      await streamLogs(deps, request, response);
      return undefined;
    case "/pods/exec":
      throw errors.badRequest("exec needs a WebSocket: Upgrade request required");
    case "/pods/eviction":
      return method === "POST" ? evictPod(deps, request) : methodNotAllowed();
    case "/pods/binding":
      return method === "POST" ? bindPod(deps, request) : methodNotAllowed();
    case "/serviceaccounts/token":
      return method === "POST" ? requestToken(deps, request, target) : methodNotAllowed();
    default:
      throw errors.noResource();
  }
}

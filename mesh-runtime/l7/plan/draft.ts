import { Fields } from "../../http1/index.ts";
import type { VerifiedToken } from "../../policy/http-model.ts";
import type { NormalizedPath, PreparedConnection, RequestAttributes } from "../../policy/index.ts";
import type { Decision } from "../../policy/model.ts";
import type { L7HeaderEdit, L7Route, L7RouteRule } from "../../xds/proxy-config.ts";
import type { HttpRequest } from "../http-request.ts";
import type { LocalReply } from "../local-reply.ts";
import type { Peer } from "../peer.ts";
import type { Refusal, ReplyPlan } from "../request-plan.ts";
import type { Caller } from "./caller.ts";
import type { RoutedRequest } from "./routes/routed-request.ts";

/** Where a request arrived. */
export interface Place {
  readonly port: number;
  /** `<namespace>/<hostname>` at a waypoint; empty at a gateway. */
  readonly service: string;
}

/**
 * A request on its way through planning: what policy judges, what routes look at, and what was found out so far. What is
 * judged is what is sent on: both read the same fields and path.
 */
export class Draft implements RequestAttributes, RoutedRequest {
  readonly request: HttpRequest;
  readonly peer: Peer;
  readonly caller: Caller;
  readonly place: Place;
  readonly method: string;
  readonly path: string;
  query: string;
  token: VerifiedToken | undefined;
  decision: Decision | undefined;
  shadow: Decision | undefined;
  audited: readonly string[] = nothing;
  route: L7Route | undefined;
  rule: L7RouteRule | undefined;
  /** Of the answer, from authorizers, rate limits and filters. */
  readonly responseEdits: L7HeaderEdit[] = [];
  #fields: Fields;
  #owned = false;

  constructor(request: HttpRequest, peer: Peer, caller: Caller, place: Place, { path, query }: NormalizedPath) {
    this.request = request;
    this.peer = peer;
    this.caller = caller;
    this.place = place;
    // A WebSocket over HTTP/2 is the GET that it is over HTTP/1.1 (RFC 8441 §5).
    this.method = request.method === "CONNECT" && request.upgrade !== undefined ? "GET" : request.method;
    this.path = path;
    this.query = query;
    this.#fields = request.fields;
  }

  get authority(): string {
    return this.request.authority;
  }
  get host(): string {
    return this.request.authority;
  }
  get scheme(): "http" | "https" {
    return this.request.scheme;
  }
  get port(): number {
    return this.place.port;
  }
  get destinationPort(): number {
    return this.place.port;
  }
  get destinationIp(): string {
    return this.peer.destinationIp;
  }
  get sourceIp(): string {
    return this.peer.sourceIp;
  }
  get sourcePrincipal(): string | undefined {
    return this.peer.principal;
  }
  get sourceNamespace(): string {
    return this.caller.namespace;
  }
  get connection(): PreparedConnection {
    return this.caller.connection;
  }
  get sni(): string {
    return this.peer.sni;
  }
  get remoteIp(): string {
    return this.caller.remoteIp(this.#fields);
  }

  /**
   * The protocol to switch to. Only WebSocket is let through: any other would carry requests past every check here (and
   * HTTP/1.1 lets a server ignore what it does not want, RFC 9110 §7.8).
   */
  get upgrade(): "websocket" | undefined {
    const { upgrade, body, protocol } = this.request;
    const bare = body.kind === "none" || protocol === "HTTP/2";
    return bare && this.method === "GET" && upgrade?.toLowerCase() === "websocket" ? "websocket" : undefined;
  }

  /** Value of a field as it will be sent, also of those that are not among the fields. */
  header(name: string): string | undefined {
    const found = this.#fields.joined(name);
    return found ?? this.#derived(name);
  }

  #derived(name: string): string | undefined {
    const { upgrade, body, protocol } = this.request;
    switch (name) {
      case "host":
      case ":authority":
        return this.authority;
      case ":method":
        return this.method;
      case ":path":
        return this.path + this.query;
      case ":scheme":
        return this.scheme;
      case "upgrade":
        return upgrade;
      case "connection":
        return upgrade === undefined ? undefined : "upgrade";
      case "content-length":
        return body.kind === "length" ? String(body.length) : undefined;
      case "transfer-encoding":
        return body.kind === "stream" && protocol !== "HTTP/2" ? "chunked" : undefined;
      default:
        return undefined;
    }
  }

  /** To read. */
  get fields(): Fields {
    return this.#fields;
  }

  /** To change: a copy of the request's, made once. */
  get edited(): Fields {
    if (!this.#owned) {
      this.#fields = new Fields([...this.#fields.list]);
      this.#owned = true;
    }
    return this.#fields;
  }

  /** Removes a field if it is there. */
  removeField(lowerName: string): void {
    if (this.#fields.has(lowerName)) {
      this.edited.remove(lowerName);
    }
  }

  reply(reply: LocalReply, refusal?: Refusal, delayMs = 0): ReplyPlan {
    const { path, place, route, rule, decision, shadow, audited, token } = this;
    const { port, service } = place;
    return {
      kind: "reply",
      path,
      port,
      service,
      route,
      rule,
      decision,
      shadow,
      audited,
      token,
      reply,
      refusal,
      delayMs,
    };
  }
}

const nothing: readonly string[] = [];

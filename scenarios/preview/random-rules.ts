/** Random sets of rules over one service, repeatable by their seed. Test code. */
import type { Intent } from "../../server/golden-paths/intent.ts";
import { intentSet } from "../../server/golden-paths/intent.ts";
import { render } from "../../server/golden-paths/render.ts";
import type { Rendered } from "../../server/golden-paths/resource.ts";
import type { Inventory } from "../../server/inventory/model.ts";

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class RandomRules {
  readonly #random: () => number;
  /** Its own, so that the other rules of a seed stay as they are. */
  readonly #randomTokens: () => number;
  readonly #jwks: string;

  /** `jwks`: the keys of an issuer, of which nobody's request carries a token. */
  constructor(seed: number, jwks: string) {
    this.#random = randomOf(seed);
    this.#randomTokens = randomOf(seed + 1);
    this.#jwks = jwks;
  }

  /** Objects to apply: of filled-in paths or written by hand, at layer 4 alone or at the waypoint too. */
  objects(inventory: Inventory, waypoint: boolean): Rendered[] {
    const rendered = this.#often(0.4) ? this.#rendered(inventory, waypoint) : [];
    const count = 1 + Math.floor(this.#random() * 3);
    const raw = Array.from({ length: count }, (_, index) => this.#policy(`raw-${index}`, waypoint && this.#often(0.7)));
    const guard = waypoint && this.#often(0.4) ? [guardPolicy] : [];
    const tls = this.#often(0.2) ? [strict] : [];
    const route = waypoint && this.#often(0.25) ? [this.#route()] : [];
    const tokens = waypoint && this.#randomTokens() < 0.35 ? this.#tokens() : [];
    return [...rendered, ...raw, ...guard, ...tls, ...route, ...tokens];
  }

  /** Tokens are verified; they are asked for everywhere, but at some paths, or at some paths only, or not at all. */
  #tokens(): Rendered[] {
    const issuer = "https://issuer.example";
    const targetRefs = [{ group: "", kind: "Service", name: "httpbin" }];
    const path = paths[Math.floor(this.#randomTokens() * paths.length)] ?? "*";
    const operation = [{}, { notPaths: [path] }, { paths: [path] }][Math.floor(this.#randomTokens() * 4)];
    const rules = [
      {
        from: [{ source: { notRequestPrincipals: [`${issuer}/*`] } }],
        ...(operation === undefined || Object.keys(operation).length === 0 ? {} : { to: [{ operation }] }),
      },
    ];
    return [
      {
        apiVersion: "security.istio.io/v1",
        kind: "RequestAuthentication",
        metadata: { namespace: "default", name: "raw-tokens" },
        spec: { targetRefs, jwtRules: [{ issuer, jwks: this.#jwks }] },
      },
      ...(operation === undefined ? [] : [policy("raw-signed-in", { targetRefs, action: "DENY", rules })]),
    ];
  }

  #rendered(inventory: Inventory, waypoint: boolean): Rendered[] {
    const service = { namespace: "default", name: "httpbin" };
    const requests =
      waypoint && this.#often(0.6) ? [{ methods: [this.#one(methods)], paths: [this.#one(paths)], headers: [] }] : [];
    const [namespace = "", serviceAccount = ""] = this.#one(callers).split("/");
    const identity = { kind: "identity" as const, namespace, serviceAccount };
    const intents: Intent[] = [
      { slug: "let-a-caller-in", service, caller: identity, ports: [8000], requests, until: null },
      ...(this.#often(0.4)
        ? [
            {
              slug: "block-a-caller" as const,
              service,
              blocked: { who: "this" as const, caller: identity },
              ports: [8000],
              requests: waypoint ? requests : [],
              until: null,
            },
          ]
        : []),
      ...(this.#often(0.3) ? [{ slug: "lock-down" as const, namespace: "default", openGateways: [] }] : []),
    ];
    return [...render(intentSet(intents), inventory).values()].filter(({ kind }) => kind === "AuthorizationPolicy");
  }

  #policy(name: string, atWaypoint: boolean): Rendered {
    const action = this.#often(0.4) ? "DENY" : "ALLOW";
    const rules = Array.from({ length: 1 + Math.floor(this.#random() * 2) }, () => this.#rule(atWaypoint));
    return policy(name, {
      ...(atWaypoint
        ? { targetRefs: [{ group: "", kind: "Service", name: "httpbin" }] }
        : this.#often(0.8)
          ? { selector }
          : {}),
      action,
      rules,
    });
  }

  #rule(http: boolean): object {
    const operation = {
      ...this.#maybe(0.3, "ports", [this.#one(["8000", "9999"])]),
      ...(http || this.#often(0.1)
        ? {
            ...this.#maybe(0.5, "methods", [this.#one(methods)]),
            ...this.#maybe(0.5, this.#one(["paths", "paths", "notPaths"]), [this.#one(paths)]),
          }
        : {}),
    };
    const source = this.#often(0.6)
      ? {
          [this.#one(["serviceAccounts", "serviceAccounts", "notServiceAccounts"])]: this.#some([
            ...callers,
            "default/waypoint",
          ]),
        }
      : this.#often(0.5)
        ? { [this.#one(["namespaces", "notNamespaces"])]: [this.#one(["default", "web-api"])] }
        : { principals: [this.#one(["*", "cluster.local/ns/default/*", "cluster.local/ns/web-api/sa/web-api"])] };
    const when =
      http && this.#often(0.15)
        ? [{ key: "request.headers[x-test-me]", [this.#one(["values", "notValues"])]: [this.#one(["*", "yes", "y*"])] }]
        : [];
    return {
      ...(this.#often(0.8) ? { from: [{ source }] } : {}),
      ...(Object.keys(operation).length === 0 ? {} : { to: [{ operation }] }),
      ...(when.length === 0 ? {} : { when }),
    };
  }

  #route(): Rendered {
    const path = this.#one(["/", "/anything", "/headers", "/anything/a"]);
    return {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { namespace: "default", name: "raw-route" },
      spec: {
        parentRefs: [{ group: "", kind: "Service", name: "httpbin", port: 8000 }],
        rules: [
          {
            matches: [
              { path: { type: this.#one(["PathPrefix", "Exact"]), value: path }, ...this.#maybe(0.3, "method", "GET") },
            ],
            backendRefs: [{ name: "httpbin", port: 8000 }],
          },
        ],
      },
    };
  }

  #often(share: number): boolean {
    return this.#random() < share;
  }

  #one<T>(of: readonly [T, ...T[]] | readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)] as T;
  }

  #some<T>(of: readonly T[]): T[] {
    const chosen = of.filter(() => this.#often(0.4));
    return chosen.length === 0 ? [this.#one(of)] : chosen;
  }

  #maybe(share: number, name: string, value: unknown): object {
    return this.#often(share) ? { [name]: value } : {};
  }
}

export const callers = ["default/sleep", "web-api/web-api", "recommendation/recommendation"] as const;
const methods = ["GET", "POST", "DELETE"];
const paths = ["/headers", "/anything/*", "*/b", "/anything/{*}", "/anything/a/b", "/nothing", "*"];
const selector = { matchLabels: { app: "httpbin" } };

const policy = (name: string, spec: object): Rendered => ({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { namespace: "default", name },
  spec,
});

const guardPolicy = policy("raw-guard", {
  selector,
  action: "ALLOW",
  rules: [{ from: [{ source: { serviceAccounts: ["default/waypoint"] } }] }],
});

const strict: Rendered = {
  apiVersion: "security.istio.io/v1",
  kind: "PeerAuthentication",
  metadata: { namespace: "default", name: "default" },
  spec: { mtls: { mode: "STRICT" } },
};

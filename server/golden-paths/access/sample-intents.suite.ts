/** Intents about access to the sample company's services, as tests need them. */
import * as fc from "fast-check";
import type { HeaderCondition, RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import type { Intent, IntentOf } from "../intent.ts";

export const httpbin = { namespace: "default", name: "httpbin" };
export const webApi = { namespace: "web-api", name: "web-api" };
export const caller = (namespace: string, serviceAccount: string) => ({
  kind: "identity" as const,
  namespace,
  serviceAccount,
});
export const sleep = caller("default", "sleep");
export const gateway = caller("istio-ingress", "ingress-istio");

export const rule = (more: Partial<RequestRule> = {}): RequestRule => ({
  methods: [],
  paths: [],
  headers: [],
  ...more,
});
export const header = (name: string, match: HeaderCondition["match"], ...values: string[]): HeaderCondition => ({
  name,
  match,
  values,
});
export const headersOnly = rule({
  methods: ["GET"],
  paths: ["/headers"],
  headers: [header("x-test-me", "present")],
});

export const grant = (more: Partial<IntentOf<"let-a-caller-in">> = {}): IntentOf<"let-a-caller-in"> => ({
  slug: "let-a-caller-in",
  service: httpbin,
  caller: sleep,
  ports: [8000],
  requests: [],
  until: null,
  ...more,
});
export const block = (more: Partial<IntentOf<"block-a-caller">> = {}): IntentOf<"block-a-caller"> => ({
  slug: "block-a-caller",
  service: httpbin,
  blocked: { who: "this", caller: sleep },
  ports: [8000],
  requests: [],
  until: null,
  ...more,
});
export const signIn = (more: Partial<IntentOf<"require-sign-in">> = {}): IntentOf<"require-sign-in"> => ({
  slug: "require-sign-in",
  service: httpbin,
  issuer: "https://issuer.example",
  keys: { kind: "url", url: "https://issuer.example/jwks.json" },
  audiences: [],
  tokenFrom: "authorization",
  tokenName: "",
  claims: [],
  openPaths: [],
  claimHeaders: [],
  forwardToken: true,
  ...more,
});
export const asks = (more: Partial<IntentOf<"ask-an-authorizer">> = {}): IntentOf<"ask-an-authorizer"> => ({
  slug: "ask-an-authorizer",
  service: httpbin,
  authorizer: "doorman",
  methods: [],
  paths: [],
  exceptPaths: [],
  ...more,
});
export const knows: IntentOf<"know-an-authorizer"> = {
  slug: "know-an-authorizer",
  name: "doorman",
  at: {
    protocol: "http",
    service: { namespace: "default", name: "sleep" },
    port: 80,
    timeout: "1s",
    headersToCheck: ["authorization"],
    headersToService: ["x-user"],
  },
};
export const waypoint = (namespace: string, replicas = 1): IntentOf<"give-a-waypoint"> => ({
  slug: "give-a-waypoint",
  namespace,
  replicas,
});
export const lock = (namespace: string): IntentOf<"lock-down"> => ({ slug: "lock-down", namespace, openGateways: [] });

export const keepClosed = (service = httpbin): IntentOf<"keep-closed"> => ({ slug: "keep-closed", service });

// Arbitrary intents: services, callers, ports, methods, paths and headers are few, so that rules meet.
const services = [httpbin, webApi, { namespace: "default", name: "sleep" }] as const;
const portOf: Readonly<Record<string, number>> = { httpbin: 8000, "web-api": 8080, sleep: 80 };
export const callers = [sleep, gateway, caller("web-api", "web-api"), caller("recommendation", "recommendation")];
const service = fc.constantFrom(...services);
const anyCaller = fc.constantFrom(...callers);
const some = <T>(values: readonly [T, ...T[]], maxLength = 2): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { maxLength });

const condition: fc.Arbitrary<HeaderCondition> = fc.oneof(
  fc.constantFrom(header("x-a", "present"), header("x-a", "absent"), header("x-b", "present")),
  fc.constantFrom(
    header("x-a", "value", "1"),
    header("x-b", "value", "1", "begin*"),
    header("x-b", "not-value", "*end"),
  ),
);
const requestRule: fc.Arbitrary<RequestRule> = fc.record({
  methods: some(["GET", "POST", "HEAD"]),
  paths: some(["/", "/headers", "/users/*", "*.json", "/users/{*}/orders", "/files/{**}"]),
  headers: fc.array(condition, { maxLength: 2 }),
});
const requests = fc.oneof(
  { weight: 1, arbitrary: fc.constant<RequestRule[]>([]) },
  {
    weight: 2,
    arbitrary: fc.array(requestRule, { minLength: 1, maxLength: 3 }),
  },
);
const until = fc.constantFrom(null, Date.UTC(2027, 0, 1));
const paths = some(["/admin/*", "/health", "*.ico"]);

const aboutService = <T extends Intent & { service: unknown }>(
  make: (at: (typeof services)[number], port: number) => fc.Arbitrary<T>,
): fc.Arbitrary<T> => service.chain((at) => make(at, portOf[at.name] ?? 80));

/** Rules about requests of one caller to one service behind a waypoint: each says something about most calls. */
export const requestIntents: fc.Arbitrary<Intent[]> = fc
  .tuple(fc.array(requestRule, { minLength: 1, maxLength: 2 }), fc.array(requestRule, { maxLength: 2 }), fc.boolean())
  .map(([granted, blocked, others]) => [
    waypoint("default"),
    grant({ requests: granted }),
    ...(blocked.length === 0 ? [] : [block({ requests: blocked })]),
    ...(others ? [block({ blocked: { who: "all-but", callers: [sleep] }, requests: granted })] : []),
  ]);

/** Any intent of the access paths. */
export const accessIntent: fc.Arbitrary<Intent> = fc.oneof(
  fc.constantFrom("default", "web-api").map((namespace) => lock(namespace)),
  fc
    .record({ namespace: fc.constantFrom("default", "web-api"), replicas: fc.integer({ min: 1, max: 3 }) })
    .map(({ namespace, replicas }) => waypoint(namespace, replicas)),
  aboutService((at, port) =>
    fc
      .record({ caller: fc.oneof(anyCaller, fc.constant({ kind: "anyone" as const })), requests, until })
      .map((more) => grant({ service: at, ports: [port], ...more })),
  ),
  aboutService((at, port) =>
    fc
      .record({
        blocked: fc.oneof(
          anyCaller.map((one) => ({ who: "this" as const, caller: one })),
          fc
            .uniqueArray(anyCaller, { minLength: 1, maxLength: 3 })
            .map((list) => ({ who: "all-but" as const, callers: list })),
        ),
        requests,
        until,
      })
      .map((more) => block({ service: at, ports: [port], ...more })),
  ),
  aboutService((at) =>
    fc
      .record({
        audiences: some(["shop", "admin"]),
        tokenFrom: fc.constantFrom("authorization" as const, "header" as const, "query" as const, "cookie" as const),
        claims: fc.uniqueArray(
          fc.constantFrom<{ claim: string; values: string[] }[]>(
            { claim: "groups", values: ["staff"] },
            { claim: "realm.roles", values: ["admin", "operator"] },
            { claim: "https://claims.example/tier", values: ["gold"] },
          ),
          { maxLength: 2, selector: ({ claim }) => claim },
        ),
        openPaths: paths,
        claimHeaders: fc.constantFrom<{ claim: string; header: string }[][]>([], [{ claim: "sub", header: "x-user" }]),
        forwardToken: fc.boolean(),
      })
      .map((more) => signIn({ service: at, ...more, tokenName: more.tokenFrom === "authorization" ? "" : "token" })),
  ),
  aboutService((at) =>
    fc
      .record({ methods: some(["GET", "POST"]), paths, exceptPaths: paths })
      .map((more) => asks({ service: at, ...more })),
  ),
  service.map((at) => keepClosed(at)),
  fc.constant(knows),
);

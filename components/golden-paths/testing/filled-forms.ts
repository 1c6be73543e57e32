import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";

const httpbin = { namespace: "default", name: "httpbin" };
const history = { namespace: "purchase-history", name: "purchase-history" };
const sleep = { kind: "identity", namespace: "default", serviceAccount: "sleep" } as const;
const requests = [
  {
    methods: ["GET", "HEAD"],
    paths: ["/headers", "/status/*", "*.png", "/users/{*}/{**}"],
    headers: [
      { name: "x-test-me", match: "present" as const, values: [] },
      { name: "x-debug", match: "absent" as const, values: [] },
      { name: "x-plan", match: "not-value" as const, values: ["free", "trial*"] },
    ],
  },
  { methods: ["POST"], paths: [], headers: [] },
];
const until = 1_795_000_000_000;

/** Complete forms of every path: the usual one, one that uses every field, and one that takes it back. */
export const filledForms: { readonly [S in PathSlug]: readonly PathFormValues[S][] } = {
  "join-the-mesh": [
    { namespaces: ["default", "web-api"], enrolled: true },
    { namespaces: ["default"], enrolled: false },
  ],
  "require-mtls": [
    { scope: "namespaces", namespaces: ["default"], required: true },
    { scope: "mesh", namespaces: [], required: false },
  ],
  "give-a-waypoint": [
    { namespaces: ["default"], replicas: 2, given: true },
    { namespaces: ["default"], replicas: 1, given: false },
  ],
  "lock-down": [
    { scope: "mesh", namespaces: [], locked: true, keepGatewaysOpen: true },
    { scope: "namespaces", namespaces: ["web-api"], locked: false, keepGatewaysOpen: false },
  ],
  "let-a-caller-in": [
    { service: httpbin, callers: [sleep], ports: [8000], requests: [], until: null, allowed: true },
    { service: httpbin, callers: [sleep, { kind: "anyone" }], ports: [8000, 9000], requests, until, allowed: true },
    { service: httpbin, callers: [sleep], ports: [8000], requests: [], until: null, allowed: false },
    { service: httpbin, callers: [], ports: [8000], requests: [], until: null, allowed: false },
  ],
  "block-a-caller": [
    { service: httpbin, who: "these", callers: [sleep], ports: [8000], requests: [], until: null, blocked: true },
    { service: httpbin, who: "all-but", callers: [sleep], ports: [8000], requests, until, blocked: false },
  ],
  "require-sign-in": [
    {
      service: httpbin,
      issuer: "https://accounts.example.com",
      keys: { kind: "url", url: "https://accounts.example.com/keys" },
      audiences: [],
      tokenFrom: "authorization",
      tokenName: "",
      claims: [],
      openPaths: [],
      claimHeaders: [],
      forwardToken: true,
      required: true,
    },
    {
      service: httpbin,
      issuer: "testing@secure.example.com",
      keys: { kind: "inline", jwks: '{"keys":[]}' },
      audiences: ["shop", "admin"],
      tokenFrom: "cookie",
      tokenName: "session",
      claims: [{ claim: "realm.roles", values: ["reader", "writer"] }],
      openPaths: ["/healthz", "/public/*"],
      claimHeaders: [{ claim: "sub", header: "x-user" }],
      forwardToken: false,
      required: false,
    },
  ],
  "ask-an-authorizer": [
    { service: httpbin, authorizer: "opa", add: null, methods: [], paths: [], exceptPaths: [], asked: true },
    {
      service: httpbin,
      authorizer: "opa",
      add: {
        protocol: "http",
        service: { namespace: "policy", name: "opa" },
        port: 9191,
        timeout: "500ms",
        headersToCheck: ["x-plan"],
        headersToService: ["x-user"],
      },
      methods: ["POST"],
      paths: ["/admin/*"],
      exceptPaths: ["/healthz"],
      asked: true,
    },
  ],
  "expose-to-the-outside": [
    {
      service: httpbin,
      port: 8000,
      host: "shop.example.com",
      path: "/",
      gateway: { namespace: "istio-ingress", name: "ingress" },
      certificate: null,
      redirectToHttps: true,
      exposed: true,
    },
    {
      service: httpbin,
      port: 8000,
      host: "shop.example.com",
      path: "/api",
      gateway: { namespace: "istio-ingress", name: "ingress" },
      certificate: "shop-tls",
      redirectToHttps: false,
      exposed: false,
    },
  ],
  "allow-a-destination": [
    {
      namespace: "default",
      host: "api.example.com",
      ports: [{ port: 443, protocol: "TLS" }],
      addresses: [],
      callers: [sleep],
      allowed: true,
    },
    {
      namespace: "default",
      host: "db.example.com",
      ports: [
        { port: 5432, protocol: "TCP" },
        { port: 80, protocol: "HTTP" },
      ],
      addresses: ["192.0.2.10", "2001:db8::1"],
      callers: [sleep],
      allowed: false,
    },
  ],
  retries: [
    {
      service: history,
      attempts: 3,
      codes: [502, 503, 504],
      backoff: "25ms",
      perTry: null,
      safeOnly: true,
      budgetPercent: 20,
      enabled: true,
    },
    {
      service: history,
      attempts: 0,
      codes: [],
      backoff: "1s",
      perTry: "1m30s",
      safeOnly: false,
      budgetPercent: null,
      enabled: false,
    },
  ],
  timeouts: [
    { service: history, request: "1s", paths: [], enabled: true },
    { service: history, request: "2s", paths: [{ path: "/reports", request: "1m" }], enabled: true },
  ],
  "circuit-breaker": [
    {
      service: history,
      consecutiveErrors: 5,
      interval: "10s",
      ejectFor: "30s",
      maxEjectedPercent: 50,
      maxConnections: null,
      maxPending: null,
      maxRequests: null,
      slowStart: null,
      enabled: true,
    },
    {
      service: history,
      consecutiveErrors: 3,
      interval: "5s",
      ejectFor: "1m",
      maxEjectedPercent: 100,
      maxConnections: 100,
      maxPending: 10,
      maxRequests: 1000,
      slowStart: "30s",
      enabled: true,
    },
  ],
  "rate-limit": [
    {
      service: httpbin,
      limits: [
        { requests: 10, interval: "1s", burst: null, per: "caller", header: "", only: null, overrides: [] },
        {
          requests: 1000,
          interval: "1h",
          burst: 50,
          per: "header",
          header: "x-customer",
          only: requests[0] ?? null,
          overrides: [{ value: "big-one", requests: 5000 }],
        },
      ],
      enabled: true,
    },
  ],
  "mirror-traffic": [
    { service: history, to: { kind: "version", version: "v2" }, percent: 100, enabled: true },
    { service: history, to: { kind: "service", service: httpbin, port: 8000 }, percent: 12.5, enabled: true },
  ],
  "test-with-faults": [
    {
      service: history,
      delay: { percent: 10, time: "2s" },
      abort: null,
      onlyWith: null,
      until: null,
      enabled: true,
    },
    {
      service: history,
      delay: null,
      abort: { percent: 0.5, status: 503 },
      onlyWith: { header: "x-test", value: "yes" },
      until,
      enabled: true,
    },
  ],
  "prefer-the-zone": [
    { service: history, near: "zone", enabled: true },
    { service: history, near: "node", enabled: false },
  ],
  "keep-in-region": [
    { service: history, enabled: true },
    { service: history, enabled: false },
  ],
  "release-a-version": [
    {
      service: history,
      stable: "v1",
      canary: "v2",
      weight: 10,
      match: [{ by: "header", name: "x-canary", value: "true" }],
      mirror: 0,
      sticky: null,
      round: 0,
      preview: null,
      enabled: true,
    },
    {
      service: history,
      stable: "v2",
      canary: null,
      weight: 0,
      match: [],
      mirror: 0,
      sticky: null,
      round: 3,
      preview: null,
      enabled: false,
    },
  ],
};

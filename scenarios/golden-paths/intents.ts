/** Any intents of resilience and places, as forms may ask for them. Test code. */
import * as fc from "fast-check";
import { type Intent, intent } from "../../server/golden-paths/intent.ts";

const service = fc.constantFrom(
  { namespace: "shop", name: "history" },
  { namespace: "shop", name: "orders" },
  { namespace: "plain", name: "ledger" },
);
const duration = fc.constantFrom("25ms", "1s", "1500ms", "10s", "1m30s", "2h");
const percent = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(0.01, 12.5, 33.33));
const nothingOr = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(some, { nil: null });
const path = fc.constantFrom("/", "/api", "/api/", "/api/users", "/a%20b", "/x.y~z", "/get");
const limit = nothingOr(fc.integer({ min: 1, max: 1_000 }));

const retries = fc.record({
  attempts: fc.integer({ min: 0, max: 10 }),
  codes: fc.uniqueArray(fc.constantFrom(429, 499, 500, 502, 503, 504, 520, 599), { maxLength: 8 }),
  backoff: fc.oneof(duration, fc.constant("0s")),
  perTry: nothingOr(duration),
  safeOnly: fc.boolean(),
  budgetPercent: nothingOr(fc.integer({ min: 1, max: 100 })),
});

const timeouts = fc.record({
  request: duration,
  paths: fc.array(fc.record({ path, request: duration }), { maxLength: 6 }),
});

const breaker = fc.record({
  consecutiveErrors: fc.integer({ min: 1, max: 1_000 }),
  interval: duration,
  ejectFor: duration,
  maxEjectedPercent: fc.integer({ min: 1, max: 100 }),
  maxConnections: limit,
  maxPending: limit,
  maxRequests: limit,
  slowStart: nothingOr(duration),
});

const requestRule = fc.record({
  methods: fc.uniqueArray(fc.constantFrom("GET", "POST", "PUT", "TRACE"), { maxLength: 4 }),
  paths: fc.uniqueArray(fc.constantFrom("/a", "/a/*", "*.js", "/users/{*}/orders", "/{**}/end", "/o(x)", "/a//b"), {
    maxLength: 5,
  }),
  headers: fc.uniqueArray(
    fc.oneof(
      fc.record({
        name: fc.constant("x-a"),
        match: fc.constant("present" as const),
        values: fc.constant<string[]>([]),
      }),
      fc.record({
        name: fc.constant("x-b"),
        match: fc.constant("value" as const),
        values: fc.uniqueArray(fc.constantFrom("1", "a.b", "beta*", "*-end"), { minLength: 1, maxLength: 3 }),
      }),
    ),
    { maxLength: 2, selector: ({ name }) => name },
  ),
});

const entryFields = {
  requests: fc.integer({ min: 1, max: 1_000 }),
  interval: duration,
  burst: nothingOr(fc.integer({ min: 1, max: 1_000 })),
  only: nothingOr(requestRule),
};
const entry = fc.oneof(
  fc.record({
    ...entryFields,
    per: fc.constant("total" as const),
    header: fc.constant(""),
    overrides: fc.constant([]),
  }),
  fc.record({
    ...entryFields,
    per: fc.constant("caller" as const),
    header: fc.constant(""),
    overrides: fc.array(
      fc.record({ value: fc.constantFrom("shop/orders", "plain/ledger"), requests: fc.nat(9).map((n) => n + 1) }),
    ),
  }),
  fc.record({
    ...entryFields,
    per: fc.constant("header" as const),
    header: fc.constant("x-tenant"),
    overrides: fc.array(fc.record({ value: fc.constantFrom("gold", "silver"), requests: fc.nat(9).map((n) => n + 1) })),
  }),
);

const mirror = fc.record({
  to: fc.oneof(
    fc.constantFrom({ kind: "version", version: "v1" }, { kind: "version", version: "v2" }),
    fc.constantFrom(
      { kind: "service", service: { namespace: "shop", name: "history" }, port: 8080 },
      { kind: "service", service: { namespace: "plain", name: "ledger" }, port: 8080 },
      { kind: "service", service: { namespace: "shop", name: "orders" }, port: 9090 },
    ),
  ),
  percent,
});

const faults = fc
  .record({
    delay: nothingOr(fc.record({ percent, time: duration })),
    abort: nothingOr(fc.record({ percent, status: fc.constantFrom(200, 400, 418, 503, 599) })),
    onlyWith: nothingOr(fc.record({ header: fc.constant("x-fault"), value: fc.constantFrom("true", "a,b") })),
    until: fc.constantFrom(null, Date.UTC(2030, 0, 1)),
  })
  .filter(({ delay, abort }) => delay !== null || abort !== null);

const release = fc
  .record({
    stable: fc.constantFrom("v1", "v2"),
    canary: fc.constantFrom("v1", "v2", null),
    weight: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0, 0.01, 12.5, 99.99, 100)),
    match: fc.uniqueArray(
      fc.oneof(
        fc.constantFrom(
          { by: "header", name: "x-canary", value: "true" },
          { by: "header", name: "x-fault", value: "true" },
          { by: "cookie", name: "a.b", value: "1+(2)" },
          { by: "cookie", name: "beta", value: "yes" },
          { by: "caller", namespace: "shop", serviceAccount: "orders" },
        ),
      ),
      { maxLength: 4 },
    ),
    mirror: fc.oneof(fc.constant(0), percent),
    sticky: nothingOr(fc.constantFrom({ cookie: "kept", seconds: 60 }, { cookie: "a.b", seconds: 1 })),
    round: fc.nat(3),
    preview: nothingOr(
      fc.constant({ gateway: { namespace: "istio-ingress", name: "ingress" }, host: "next.example.com" }),
    ),
  })
  .filter(({ stable, canary }) => stable !== canary);

const of = (slug: Intent["slug"], values: fc.Arbitrary<object>): fc.Arbitrary<Intent> =>
  fc.tuple(service, values).map(([which, more]) => intent.parse({ slug, service: which, ...more }));

export const releaseIntent = of("release-a-version", release);

export const routingIntent: fc.Arbitrary<Intent> = fc.oneof(
  of("retries", retries),
  of("timeouts", timeouts),
  of("mirror-traffic", mirror),
  of("test-with-faults", faults),
  releaseIntent,
);

export const anyIntent: fc.Arbitrary<Intent> = fc.oneof(
  { weight: 4, arbitrary: routingIntent },
  of("circuit-breaker", breaker),
  of("rate-limit", fc.record({ limits: fc.array(entry, { minLength: 1, maxLength: 8 }) })),
  of("prefer-the-zone", fc.record({ near: fc.constantFrom("zone", "node") })),
  of("keep-in-region", fc.constant({})),
);

/** Intents that forms let through, many of which findings must refuse. */
export const oddIntent: fc.Arbitrary<Intent> = fc.oneof(
  of(
    "release-a-version",
    fc.record({
      stable: fc.constantFrom("v1", "v9", "x".repeat(63)),
      canary: fc.constantFrom("v1", "v2", "v9", null),
      weight: fc.constantFrom(0, 33.33, 100),
      match: fc.constantFrom(
        [],
        [{ by: "header", name: "x-forwarded-client-cert", value: "a" }],
        [{ by: "header", name: "cookie", value: "a=b; c=d" }],
        [
          { by: "caller", namespace: "nowhere", serviceAccount: "a.b" },
          { by: "cookie", name: "!#$%&'*+.^_`|~-", value: "!#$%&'()*+-./:<=>?@[]^_`{|}~" },
        ],
      ),
      mirror: fc.constantFrom(0, 100),
      sticky: fc.constantFrom(null, { cookie: "!#$&'*+.^_`|~-", seconds: 2_592_000 }),
      preview: nothingOr(fc.constant({ gateway: { namespace: "nowhere", name: "x" }, host: "a.b" })),
    }),
  ),
  of(
    "retries",
    fc.record({ perTry: fc.constantFrom("0s", "90000s", "1s"), backoff: fc.constantFrom("0s", "99h", "1s") }),
  ),
  of(
    "timeouts",
    fc.record({
      request: fc.constantFrom("0s", "25h", "1s"),
      paths: fc.array(fc.record({ path, request: fc.constantFrom("0ms", "1s") }), { maxLength: 6 }),
    }),
  ),
  of(
    "circuit-breaker",
    fc.record({
      interval: fc.constantFrom("0s", "1s"),
      ejectFor: fc.constantFrom("0ms", "99999h", "1s"),
      slowStart: fc.constantFrom("0s", "1s"),
    }),
  ),
  of(
    "rate-limit",
    fc.record({
      limits: fc.array(
        fc.record({
          requests: fc.constantFrom(1, 1_000_000_000),
          interval: fc.constantFrom("0s", "25h", "24h", "1ms"),
          per: fc.constantFrom("total", "caller"),
          overrides: fc.array(
            fc.record({ value: fc.constantFrom("x", "a/b", "a/b/c", "A/b"), requests: fc.constant(1) }),
            { maxLength: 3 },
          ),
          only: fc.record({
            methods: fc.uniqueArray(
              fc.constantFrom("GET", "PURGE", "POST", "PUT", "HEAD", "PATCH", "TRACE", "OPTIONS", "DELETE", "CONNECT"),
            ),
            paths: fc.uniqueArray(
              fc.constantFrom(
                "/%2f",
                "/..",
                "/a|b",
                "*",
                "/{*}",
                `/${"x".repeat(1_000)}`,
                `/${"y".repeat(1_000)}`,
                "/[",
              ),
            ),
            headers: fc.array(
              fc.record({ name: fc.constantFrom("x-a", "x-b"), match: fc.constantFrom("present", "absent") }),
              { maxLength: 3 },
            ),
          }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  ),
  of(
    "mirror-traffic",
    fc.record({
      to: fc.constantFrom(
        { kind: "version", version: "v9" },
        { kind: "version", version: "x".repeat(63) },
        { kind: "service", service: { namespace: "plain", name: "nosuch" }, port: 80 },
        { kind: "service", service: { namespace: "plain", name: "ledger" }, port: 81 },
        { kind: "service", service: { namespace: "shop", name: "history" }, port: 8080 },
      ),
    }),
  ),
  of(
    "test-with-faults",
    fc.record({
      delay: fc.record({ percent: fc.constantFrom(0.01, 100), time: fc.constantFrom("0s", "1ms", "48h") }),
      abort: fc.record({ percent: fc.constantFrom(0.01, 100), status: fc.constantFrom(200, 299, 599) }),
      onlyWith: nothingOr(
        fc.record({ header: fc.constantFrom("host", "x-a", "a.b"), value: fc.constantFrom("a b", "ü") }),
      ),
    }),
  ),
);

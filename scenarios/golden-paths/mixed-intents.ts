/** Intents of every path about the services of the small cluster, access among them. Test code. */
import * as fc from "fast-check";
import type { ServiceRef } from "../../server/contracts/names.ts";
import { accessIntent, knows } from "../../server/golden-paths/access/sample-intents.suite.ts";
import { type Intent, intent } from "../../server/golden-paths/intent.ts";
import { anyIntent } from "./intents.ts";

const history = { namespace: "shop", name: "history" };
const orders = { namespace: "shop", name: "orders" };
const ledger = { namespace: "plain", name: "ledger" };

/** The sample company's services, as services of this cluster. */
const places: Readonly<Record<string, readonly [ServiceRef, port: number]>> = {
  httpbin: [history, 8080],
  "web-api": [orders, 80],
  sleep: [ledger, 8080],
};
const jwks = JSON.stringify({ keys: [{ kty: "RSA", kid: "a", alg: "RS256", n: "AQAB", e: "AQAB" }] });

/** An access intent of the sample company about a service of this cluster. */
function moved(of: Intent): Intent {
  if (of.slug === "know-an-authorizer") {
    return { ...of, at: { ...of.at, service: ledger, port: 8080 } } as Intent;
  }
  if (!("service" in of)) {
    // `shop` has a waypoint that somebody else made.
    return { ...of, namespace: of.slug === "give-a-waypoint" ? "plain" : "shop" } as Intent;
  }
  const [service, port] = places[of.service.name] ?? [history, 8080];
  const keys = of.slug === "require-sign-in" ? { keys: { kind: "inline", jwks } } : {};
  return intent.parse({ ...of, service, ...("ports" in of ? { ports: [port] } : {}), ...keys });
}

const exposed: fc.Arbitrary<Intent> = fc
  .record({
    at: fc.constantFrom([history, 8080] as const, [orders, 80] as const, [ledger, 8080] as const),
    host: fc.constantFrom("shop.example.com", "www.example.com"),
    path: fc.constantFrom("/", "/api"),
    certificate: fc.constantFrom(null, "shop-tls"),
    redirectToHttps: fc.boolean(),
  })
  .map(({ at: [service, port], ...more }) =>
    intent.parse({
      slug: "expose-to-the-outside",
      service,
      port,
      gateway: { namespace: "istio-ingress", name: "ingress" },
      ...more,
    }),
  );

const destination: fc.Arbitrary<Intent> = fc
  .record({
    host: fc.constantFrom("api.example.com", "pay.example.com"),
    ports: fc.constantFrom([{ port: 443, protocol: "TLS" }], [{ port: 80, protocol: "HTTP" }]),
    callers: fc.constantFrom(
      [{ kind: "identity", namespace: "shop", serviceAccount: "history" }],
      [
        { kind: "identity", namespace: "shop", serviceAccount: "orders" },
        { kind: "identity", namespace: "plain", serviceAccount: "ledger" },
      ],
    ),
  })
  .map((more) => intent.parse({ slug: "allow-a-destination", namespace: "shop", addresses: [], ...more }));

const mtls: fc.Arbitrary<Intent> = fc
  .constantFrom("shop", "plain", "istio-system")
  .map((namespace) => ({ slug: "require-mtls", namespace }));

/** Whoever asks an authorizer has it made known: the form sees to that. */
export const mixedIntents: fc.Arbitrary<Intent[]> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: accessIntent.map(moved) },
      { weight: 3, arbitrary: anyIntent },
      exposed,
      destination,
      mtls,
    ),
    { maxLength: 14 },
  )
  .map((intents) => (intents.some(({ slug }) => slug === "ask-an-authorizer") ? [...intents, moved(knows)] : intents));

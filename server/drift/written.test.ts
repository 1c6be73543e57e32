import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { TestChanges } from "@/server/changes/test-changes.suite.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { type Intent, intent, intentSet } from "@/server/golden-paths/intent.ts";
import { render } from "@/server/golden-paths/render.ts";
import { refOf, resourceKey } from "@/server/golden-paths/resource.ts";
import { findDrifted } from "./drifted.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

const service = { namespace: "web-api", name: "web-api" };
const of = (slug: keyof typeof pathForms, values: object = {}): Intent => {
  const {
    enabled: _enabled,
    required: _required,
    ...form
  } = pathForms[slug].parse({ service, ...values }) as Record<string, unknown>;
  return intent.parse({ slug, ...form });
};
const jwks = JSON.stringify({ keys: [{ kty: "RSA", kid: "a", n: "AQAB", e: "AQAB" }] });

test("what the paths wrote themselves is no drift, whatever defaults the server adds", async () => {
  const caller = { kind: "identity" as const, namespace: "recommendation", serviceAccount: "recommendation" };
  const intents = intentSet([
    { slug: "give-a-waypoint", namespace: "web-api", replicas: 1 },
    { slug: "lock-down", namespace: "web-api", openGateways: [] },
    { slug: "require-mtls", namespace: "web-api" },
    { slug: "let-a-caller-in", service, caller, ports: [80], requests: [], until: null },
    of("require-sign-in", { issuer: "https://issuer.example", keys: { kind: "inline", jwks } }),
    of("retries"),
    of("timeouts", { request: "3s" }),
    of("circuit-breaker"),
    of("prefer-the-zone"),
    intent.parse({
      slug: "allow-a-destination",
      namespace: "web-api",
      host: "api.example.com",
      ports: [{ port: 443, protocol: "TLS" }],
      addresses: [],
      callers: [caller],
    }),
  ]);
  const { inventory } = await company.changes.context();
  const rendered = render(intents, inventory);
  const kinds = new Set([...rendered.values()].map(({ kind }) => kind));
  for (const kind of [
    "Gateway",
    "HTTPRoute",
    "DestinationRule",
    "RequestAuthentication",
    "ServiceEntry",
    "Namespace",
  ]) {
    expect([...kinds]).toContain(kind);
  }
  const live = new Map<string, KubeObject>();
  for (const [key, one] of rendered) {
    live.set(key, (await company.cluster.apply(one)).object);
  }
  const drifted = findDrifted(rendered, (ref) => live.get(resourceKey(ref)), new Set());
  expect(
    drifted.map(({ ref, expected, live: found }) => ({ ref: refOf(expected).kind + ref.name, expected, found })),
  ).toEqual([]);
}, 60_000);

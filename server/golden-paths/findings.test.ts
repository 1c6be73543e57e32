import { describe, expect, test } from "vitest";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { noTraffic } from "./insight.ts";
import { type Intent, intentSet } from "./intent.ts";
import { fillIn } from "./registry.ts";

const everywhere = ["web-api", "recommendation", "purchase-history", "default"];
const denyAll = { metadata: { name: "deny-all", namespace: "web-api" }, spec: {} };

function fill<S extends PathSlug>(
  slug: S,
  form: PathFormValues[S],
  sample: SampleOptions = {},
  intents: Intent[] = [],
) {
  const inventory = sampleInventory({ enrolled: everywhere, ...sample });
  return fillIn(slug, form, {
    inventory,
    current: intentSet(intents),
    traffic: noTraffic,
    nowUnixMs: Date.UTC(2026, 10, 22),
  });
}
const codes = (filled: ReturnType<typeof fill>): string[] =>
  filled.findings.map(({ level, code, field }) => `${level} ${code} ${field}`);

const webApi = { namespace: "web-api", name: "web-api" };
const sleep = { kind: "identity" as const, namespace: "default", serviceAccount: "sleep" };
const allow = (more: Partial<PathFormValues["let-a-caller-in"]> = {}): PathFormValues["let-a-caller-in"] => ({
  service: webApi,
  callers: [sleep],
  ports: [8080],
  requests: [],
  until: null,
  allowed: true,
  ...more,
});

describe("let a caller in", () => {
  test("has nothing to say against a caller and a port that exist", () => {
    expect(codes(fill("let-a-caller-in", allow()))).toEqual([]);
  });

  test.each([
    [
      "a service that does not exist",
      allow({ service: { namespace: "web-api", name: "nosuch" } }),
      ["error unknown-service service"],
    ],
    ["a port that the service does not have", allow({ ports: [81] }), ["error unknown-port ports.0"]],
    [
      "a namespace that does not exist",
      allow({ callers: [{ ...sleep, namespace: "nosuch" }] }),
      ["error unknown-caller callers.0"],
    ],
    [
      "an identity that does not exist",
      allow({ callers: [sleep, { ...sleep, serviceAccount: "nosuch" }] }),
      ["error unknown-caller callers.1"],
    ],
    ["anyone", allow({ callers: [{ kind: "anyone" }] }), ["warning anyone-may-call callers.0"]],
  ])("names %s, beside its field", (_what, form, expected) => {
    expect(codes(fill("let-a-caller-in", form))).toEqual(expected);
  });

  test("says that the rule would not hold where the service is not in the mesh", () => {
    const filled = fill("let-a-caller-in", allow(), { enrolled: ["default"] });
    expect(codes(filled)).toEqual(["warning service-not-enrolled service"]);
    expect(filled.findings[0]?.path).toMatchObject({ slug: "join-the-mesh", values: { namespaces: ["web-api"] } });
  });

  test("says that a caller outside the mesh proves no identity", () => {
    const filled = fill("let-a-caller-in", allow(), { enrolled: ["web-api"] });
    expect(codes(filled)).toEqual(["warning caller-not-enrolled callers.0"]);
  });

  test("says that its first rule shuts everybody else out, unless they are shut out already", () => {
    expect(fill("let-a-caller-in", allow()).sentence).toContain("every other caller is refused");
    expect(fill("let-a-caller-in", allow(), { authorizationPolicies: [denyAll] }).sentence).toContain(
      "Nobody else gains access",
    );
  });

  test("adds ports to what a caller may call already, and takes only the named ones away", () => {
    const held: Intent = {
      slug: "let-a-caller-in",
      service: webApi,
      caller: sleep,
      ports: [80, 8080],
      requests: [],
      until: null,
    };
    const added = fill("let-a-caller-in", allow({ ports: [9090] }), {}, [held]).plan.changes[0];
    expect(added?.after).toMatchObject({ ports: [80, 8080, 9090] });
    const taken = fill("let-a-caller-in", allow({ ports: [80], allowed: false }), {}, [held]).plan.changes[0];
    expect(taken?.after).toMatchObject({ ports: [8080] });
  });

  test("warns when the last rule goes and the service is open to everybody then", () => {
    const held: Intent = {
      slug: "let-a-caller-in",
      service: webApi,
      caller: sleep,
      ports: [8080],
      requests: [],
      until: null,
    };
    expect(codes(fill("let-a-caller-in", allow({ allowed: false }), {}, [held]))).toEqual([
      "warning anyone-may-call callers",
    ]);
    expect(
      codes(fill("let-a-caller-in", allow({ allowed: false }), { authorizationPolicies: [denyAll] }, [held])),
    ).toEqual([]);
  });
});

describe("lock down", () => {
  const form = { scope: "namespaces" as const, namespaces: ["web-api"], locked: true, keepGatewaysOpen: true };

  test.each([
    [form, "web-api"],
    [{ ...form, namespaces: ["web-api", "default"] }, "2 namespaces"],
    [{ ...form, scope: "mesh" as const, namespaces: [] }, "mesh"],
    [{ ...form, locked: false }, ""],
  ])("asks for a word that names what is locked (%#)", (values, word) => {
    expect(fill("lock-down", values).confirmWord).toBe(word);
  });

  test("warns when a gateway would refuse everybody, and offers to keep it open", () => {
    const filled = fill("lock-down", { ...form, namespaces: ["istio-ingress"], keepGatewaysOpen: false });
    expect(codes(filled)).toEqual(["warning gateway-cut-off keepGatewaysOpen"]);
    expect(filled.findings[0]?.repair?.values).toEqual({ keepGatewaysOpen: true });
  });

  test("over the whole mesh touches the gateway's namespace too", () => {
    const { plan } = fill("lock-down", { ...form, scope: "mesh", namespaces: [] });
    expect(plan.namespaces).toEqual(["istio-ingress", "istio-system"]);
  });

  test("names a namespace that does not exist and one that belongs to the mesh", () => {
    const filled = fill("lock-down", { ...form, namespaces: ["nosuch", "istio-system"] });
    expect(codes(filled)).toEqual(["error unknown-namespace namespaces.0", "error system-namespace namespaces.1"]);
  });
});

describe("join the mesh", () => {
  test("warns that a namespace under a lock-down refuses callers as soon as it joins", () => {
    const filled = fill(
      "join-the-mesh",
      { namespaces: ["web-api"], enrolled: true },
      { enrolled: [], authorizationPolicies: [denyAll] },
    );
    expect(codes(filled)).toEqual(["warning callers-cut-off namespaces.0"]);
    expect(filled.sentence).toContain("1 pod of namespace web-api");
  });
});

describe("require mutual TLS", () => {
  test("warns where pods are not in the mesh, and offers to enrol them", () => {
    const form = { scope: "namespaces" as const, namespaces: ["web-api"], required: true };
    const filled = fill("require-mtls", form, { enrolled: [] });
    expect(codes(filled)).toEqual(["warning namespace-not-enrolled namespaces.0"]);
    expect(filled.findings[0]?.path?.slug).toBe("join-the-mesh");
  });
});

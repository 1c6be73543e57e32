/**
 * The preview is right: random rules are previewed, then applied for real, and every request of a matrix gets what the
 * preview said it would, and what "what if" says of it afterwards.
 */
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import type { ResourceRef } from "../mesh-runtime/kube-client/resource.ts";
import type { Verdict } from "../server/contracts/golden-paths.ts";
import { whatIfRequest } from "../server/contracts/what-if.ts";
import type { Rendered } from "../server/golden-paths/resource.ts";
import { assessImpact } from "../server/impact/impact.ts";
import { inventoryAfter, type WrittenObject } from "../server/impact/objects-after.ts";
import { ShapeColumns } from "../server/impact/shape-columns.ts";
import { findService, type Inventory } from "../server/inventory/model.ts";
import { labels } from "../server/telemetry/sample.suite.ts";
import { answerWhatIf } from "../server/what-if/answer.ts";
import { root } from "../supervisor/config.ts";
import { Company } from "./company.ts";
import { conditionsOf, giveWaypoint } from "./manifests.ts";
import { refOf } from "./mesh.ts";
import { runInPod } from "./pod-session.ts";
import { readInventory } from "./preview/live-inventory.ts";
import { callers as enrolled, RandomRules } from "./preview/random-rules.ts";
import { namespace, podRef, type WithConditions } from "./workloads.ts";

const seed = 20_260_802;
const rounds = { plain: 7, waypoint: 13 };
/** Stays outside of the mesh and calls in plain text. */
const plain = "purchase-history/purchase-history-v1";
const callers = [...enrolled, plain];
const httpbin = { namespace: "default", name: "httpbin" };

interface Asked {
  readonly caller: string;
  readonly method: string;
  readonly path: string;
  readonly header: boolean;
}
const matrix: readonly Asked[] = callers.flatMap((caller) =>
  ["GET", "POST"].flatMap((method) =>
    ["/headers", "/anything/a", "/anything/a/b"].flatMap((path) =>
      [false, true].map((header) => ({ caller, method, path, header })),
    ),
  ),
);

let company: Company;
beforeAll(async () => {
  company = await Company.start();
  await company.mesh.apply(namespace("purchase-history", false));
  for (const { metadata } of await company.pods("purchase-history")) {
    await company.mesh.until(
      podRef,
      { namespace: "purchase-history", name: metadata?.name ?? "" },
      (pod) => pod?.metadata?.annotations?.["ambient.istio.io/redirection"] !== "enabled",
    );
  }
});
afterAll(async () => {
  await company?.[Symbol.asyncDispose]();
});

/** Asks for real, everything of one caller at once. */
async function send(inventory: Inventory): Promise<ReadonlyMap<Asked, number>> {
  const answers = await Promise.all(
    callers.map(async (caller) => {
      const pod = inventory.pods.find((one) => `${one.namespace}/${one.workload}` === caller);
      const asked = matrix.filter((one) => one.caller === caller);
      const requests = asked.map(({ method, path, header }) => [
        method,
        `http://httpbin.default:8000${path}`,
        header ? { "x-test-me": "yes" } : {},
      ]);
      const { stdout, stderr } = await runInPod(
        company.mesh.kubeconfig,
        { namespace: pod?.namespace ?? "", name: pod?.name ?? "" },
        ["node", `${root}/scenarios/preview/many-requests.ts`, JSON.stringify(requests)],
      );
      if (!stdout.startsWith("[")) {
        throw new Error(`no answer from ${caller}: ${stderr}`);
      }
      const statuses = JSON.parse(stdout) as number[];
      return asked.map((one, index) => [one, statuses[index] ?? 0] as const);
    }),
  );
  return new Map(answers.flat());
}

/** What the preview of the change says of each request, which it knows by method and path alone. */
function preview(before: Inventory, after: Inventory): (asked: Asked) => Verdict {
  const behind = findService(before, httpbin)?.waypoint !== undefined;
  const shapes = new ShapeColumns();
  for (const { caller, method, path, header } of matrix) {
    if (!header) {
      const reporter = behind && caller !== plain ? "waypoint" : "source";
      const of = labels(caller, "default/httpbin", { reporter });
      shapes.add({ labels: of, destinationPort: 8000, method, path }, { count: 1, lastUnixMs: 1 });
    }
  }
  const impact = assessImpact({
    shapes,
    before,
    after,
    trustDomain: "cluster.local",
    windowSeconds: 3_600,
    observedSinceUnixMs: 1,
    concerns: () => true,
  });
  return ({ caller, method, path }) => {
    const own = impact.rows.filter((row) => caller.startsWith(`${row.caller.namespace}/${row.caller.title}`));
    const row = own.find((one) => one.method === method && one.path === path) ?? own.find((one) => one.method === "");
    if (row === undefined) {
      throw new Error(`no row for ${caller} ${method} ${path}`);
    }
    return row.after;
  };
}

function ask({ caller, method, path, header }: Asked, inventory: Inventory): Verdict {
  const [at = "", workload = ""] = caller.split("/");
  const service = findService(inventory, httpbin);
  if (service === undefined) {
    throw new Error("httpbin is gone");
  }
  const request = whatIfRequest.parse({
    caller: { kind: "identity", namespace: at, serviceAccount: workload.replace(/-v\d$/, "") },
    service: httpbin,
    port: 8000,
    method,
    path,
    headers: header ? [{ name: "x-test-me", value: "yes" }] : [],
  });
  const world = { inventory, trustDomain: "cluster.local", gatewayUrl: "", findings: [], imagined: true };
  return answerWhatIf(request, service, world).verdict;
}

/** 405 is the service's own answer; agents refuse with 503, waypoints with 403 or 401, a route that has no rule with 404. */
const verdictOf = (status: number): Verdict => ([0, 401, 403, 404, 503].includes(status) ? "denied" : "allowed");

/** Rules that match nothing: every proxy has to take them up, and with them all that was written before. */
const markers = (round: number, waypoint: boolean): Rendered[] => [
  {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { namespace: "default", name: "round" },
    spec: { action: "DENY", rules: [{ to: [{ operation: { ports: [String(10 + round)] } }] }] },
  },
  ...(waypoint
    ? [
        {
          apiVersion: "security.istio.io/v1",
          kind: "AuthorizationPolicy",
          metadata: { namespace: "default", name: "round-waypoint" },
          spec: {
            targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "waypoint" }],
            action: "DENY",
            rules: [{ to: [{ operation: { ports: [String(10 + round)] } }] }],
          },
        },
      ]
    : []),
];

const keyOf = ({ kind, metadata }: Rendered): string => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
const refOfRendered = ({ kind, metadata }: Rendered) => ({
  kind,
  namespace: metadata.namespace ?? "",
  name: metadata.name,
});
const steps = (objects: readonly Rendered[], former: readonly Rendered[]): WrittenObject[] => {
  const next = new Map(objects.map((one) => [keyOf(one), one]));
  const last = new Map(former.map((one) => [keyOf(one), one]));
  return [...objects, ...former.filter((one) => !next.has(keyOf(one)))].map((one) => ({
    ref: refOfRendered(one),
    before: last.get(keyOf(one)),
    after: next.get(keyOf(one)),
  }));
};

async function apply(objects: readonly Rendered[], removed: readonly Rendered[]): Promise<void> {
  for (const one of removed) {
    await company.mesh.delete(one as KubeObject);
  }
  await company.mesh.apply(...(objects as readonly KubeObject[]));
  for (const one of objects) {
    await company.mesh.until(
      refOf(one) as ResourceRef<WithConditions>,
      { namespace: "default", name: one.metadata.name },
      (now) =>
        conditionsOf(now).some(
          ({ type, status, observedGeneration }) =>
            type === "towpath.dev/Enforced" &&
            status === "True" &&
            Number(observedGeneration) === now?.metadata?.generation,
        ),
    );
  }
}

const gateway: Rendered = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { namespace: "default", name: "waypoint", labels: { "istio.io/waypoint-for": "service" } },
  spec: { gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE" }] },
};
const binding: Rendered = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "default", labels: { "istio.io/dataplane-mode": "ambient", "istio.io/use-waypoint": "waypoint" } },
};

test("every request of every round gets what the preview said", { timeout: 180_000 }, async () => {
  const { publicKey } = await generateKeyPair("RS256");
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256", use: "sig" }] });
  const rules = new RandomRules(seed, jwks);
  const wrong: string[] = [];
  let asked = 0;
  let unknown = 0;
  let allowed = 0;
  let tokenRules = 0;
  let standing: readonly Rendered[] = [];
  for (let round = 0; round < rounds.plain + rounds.waypoint; round++) {
    const before = await readInventory(company.mesh);
    const waypoint = round >= rounds.plain;
    // The waypoint itself comes with the change of one round.
    const comes = round === rounds.plain ? [gateway, binding] : [];
    const withWaypoint = inventoryAfter(before, steps(comes, []));
    const objects = [...rules.objects(withWaypoint, waypoint), ...markers(round, waypoint)];
    const kept = new Set(objects.map(keyOf));
    const removed = standing.filter((one) => !kept.has(keyOf(one)));
    const after = inventoryAfter(before, steps([...comes, ...objects], standing));
    const previewed = preview(before, after);
    if (comes.length > 0) {
      await giveWaypoint(company.mesh, "default", ["httpbin", "sleep"]);
    }
    await apply(objects, removed);
    standing = objects;
    tokenRules += objects.some(({ metadata }) => metadata.name === "raw-signed-in") ? 1 : 0;
    for (const [one, status] of await send(before)) {
      const [was, said, answered] = [verdictOf(status), previewed(one), ask(one, after)];
      asked++;
      allowed += was === "allowed" ? 1 : 0;
      unknown += said === "unknown" ? 1 : 0;
      if ((said !== "unknown" && said !== was) || answered !== was) {
        wrong.push(
          `round ${round}: ${JSON.stringify(one)} got ${status}, preview ${said}, what if ${answered}; ${JSON.stringify(objects.map(({ metadata, spec }) => [metadata.name, spec]))}`,
        );
      }
    }
  }
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(asked).toBe(matrix.length * (rounds.plain + rounds.waypoint));
  // Random rules let some requests pass and refuse others, or nothing is proven.
  expect(allowed / asked).toBeGreaterThan(0.15);
  expect(allowed / asked).toBeLessThan(0.85);
  // Whether an observed request carried a token is not known.
  expect(unknown / asked).toBeLessThan(0.2);
  expect(tokenRules).toBeGreaterThan(2);
});

test("proxies tell the names of headers, and never their values", async () => {
  const { names } = await company.mesh.collector.until(
    ({ batches }) =>
      batches.find((batch) => batch.names.some(({ kind, name }) => kind === "header" && name === "x-test-me")),
    "the name of a header that requests carried",
  );
  expect(names.find(({ kind }) => kind === "requests")).toMatchObject({
    service: "httpbin",
    serviceNamespace: "default",
  });
  expect(JSON.stringify(names)).not.toContain("yes");
});

describe("what if, with a token", () => {
  const issuer = "https://issuer.example";
  const targetRefs = [{ group: "", kind: "Service", name: "httpbin" }];

  test("says what a real token of the same claims gets", async () => {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256", use: "sig" }] });
    const sign = (claims: Record<string, unknown>, from: string): Promise<string> =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: "k1" })
        .setIssuer(from)
        .setSubject("ada")
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(privateKey);
    const objects: readonly Rendered[] = [
      {
        apiVersion: "security.istio.io/v1",
        kind: "RequestAuthentication",
        metadata: { namespace: "default", name: "signed" },
        spec: { targetRefs, jwtRules: [{ issuer, audiences: ["httpbin"], jwks }] },
      },
      {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { namespace: "default", name: "signed-in" },
        spec: {
          targetRefs,
          action: "DENY",
          rules: [
            {
              from: [{ source: { notRequestPrincipals: [`${issuer}/*`] } }],
              to: [{ operation: { notPaths: ["/ip"] } }],
            },
            {
              when: [{ key: "request.auth.claims[groups]", notValues: ["staff"] }],
              to: [{ operation: { paths: ["/headers"] } }],
            },
          ],
        },
      },
    ];
    const apiVersion = "security.istio.io/v1";
    const standing = await Promise.all(
      ["AuthorizationPolicy", "RequestAuthentication"].map(async (kind) => {
        const ref = refOf({ apiVersion, kind }) as ResourceRef<KubeObject>;
        const { items } = await company.mesh.client.list(ref, { namespace: "default" });
        return items.map((one) => ({ ...one, kind, apiVersion }) as Rendered);
      }),
    );
    await apply(
      objects,
      standing.flat().filter(({ metadata }) => metadata.name !== "round"),
    );
    const inventory = await readInventory(company.mesh);
    const service = findService(inventory, httpbin);
    const seen: { verdict: Verdict }[] = [];
    const said: object[] = [];
    for (const [claims, from] of [
      [undefined, issuer],
      [{ aud: "httpbin", groups: ["staff"] }, issuer],
      [{ aud: "httpbin", groups: ["guests"] }, issuer],
      [{ aud: "other", groups: ["staff"] }, issuer],
      [{ aud: "httpbin", groups: ["staff"] }, "https://other.example"],
    ] as const) {
      for (const path of ["/headers", "/ip", "/get"]) {
        const header = claims === undefined ? [] : ["-H", `authorization: Bearer ${await sign(claims, from)}`];
        const status = await company.status(`http://httpbin.default:8000${path}`, ...header);
        const request = whatIfRequest.parse({
          caller: { kind: "identity", namespace: "default", serviceAccount: "sleep" },
          service: httpbin,
          port: 8000,
          path,
          token: claims === undefined ? null : { issuer: from, subject: "ada", claims },
        });
        const world = { inventory, trustDomain: "cluster.local", gatewayUrl: "", findings: [], imagined: true };
        const got = { claims, from, path, verdict: verdictOf(status) };
        seen.push(got);
        said.push({ claims, from, path, verdict: service && answerWhatIf(request, service, world).verdict });
      }
    }
    expect(said).toEqual(seen);
    expect(new Set(seen.map(({ verdict }) => verdict))).toEqual(new Set(["allowed", "denied"]));
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enact, giveWaypoint, manifests, retract } from "./manifests.ts";
import { TestMesh } from "./mesh.ts";
import { requestFrom } from "./pod-session.ts";
import { namespace, pod, podCaptured, podReady, podRef, serviceAccount } from "./workloads.ts";

const at = "places";
let mesh: TestMesh;

const shop = (name: string, node: string): ReturnType<typeof pod> => {
  const object = pod(at, name, node, "towpath/purchase-history:v1", 8080) as ReturnType<typeof pod> & {
    spec: { serviceAccountName: string };
  };
  object.spec.serviceAccountName = "shop";
  return { ...object, metadata: { ...object.metadata, labels: { app: "shop", version: "v1" } } };
};

beforeAll(async () => {
  mesh = await TestMesh.start();
  await mesh.apply(namespace(at, true), serviceAccount(at, "caller"), serviceAccount(at, "shop"));
  await mesh.apply(
    pod(at, "caller", "node-a", "towpath/sleep"),
    shop("shop-a", "node-a"),
    shop("shop-b", "node-b"),
    shop("shop-c", "node-c"),
    ...manifests(`
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: ${at} }
spec: { selector: { app: shop }, ports: [{ name: http, port: 8080, targetPort: 8080 }] }
`),
  );
  for (const name of ["caller", "shop-a", "shop-b", "shop-c"]) {
    await podReady(mesh, at, name);
    await podCaptured(mesh, at, name);
  }
  await giveWaypoint(mesh, at, ["shop"]);
});
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

async function answering(count = 30): Promise<Set<string>> {
  const answers = await requestFrom(mesh.kubeconfig, { namespace: at, name: "caller" }, `http://shop.${at}:8080/`, [
    "--count",
    String(count),
  ]);
  return new Set(answers.map(({ status, pod: name }) => (status === 200 ? (name ?? "?") : String(status))));
}

/** Asks until the pods that answer are these: a pod that is ready becomes known to the proxies a moment later. */
async function settled(...names: readonly (string | undefined)[]): Promise<void> {
  const wanted = [...names].sort().join(" ");
  const deadline = performance.now() + 10_000;
  let found = "";
  while (found !== wanted) {
    found = [...(await answering())].sort().join(" ");
    if (performance.now() > deadline) {
      expect(found).toBe(wanted);
    }
  }
  expect([...(await answering())].sort().join(" ")).toBe(wanted);
}

async function stop(name: string): Promise<void> {
  await mesh.delete({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: at } });
  await mesh.until(podRef, { namespace: at, name }, (object) => object === undefined);
}

async function start(name: string, node: string): Promise<void> {
  await mesh.apply(shop(name, node));
  await podReady(mesh, at, name);
  await podCaptured(mesh, at, name);
}

/** The waypoint stands on one of the nodes; what is near is near to it. */
async function home(): Promise<{ readonly near: string; readonly region: string }> {
  const { items } = await mesh.client.list(podRef, {
    namespace: at,
    labelSelector: "gateway.networking.k8s.io/gateway-name=waypoint",
  });
  const node = String(items[0]?.spec?.["nodeName"] ?? "");
  return { near: `shop-${node.at(-1)}`, region: node === "node-c" ? "r2" : "r1" };
}

describe("two zones of one region, and a second region", () => {
  test("without a preference all pods answer", async () => {
    expect(await answering(60)).toEqual(new Set(["shop-a", "shop-b", "shop-c"]));
  });

  test("traffic stays in the zone, then in the region, then fails over, and comes back", async () => {
    const { near } = await home();
    await enact(
      mesh,
      `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: shop, namespace: ${at} }
spec:
  host: shop.${at}.svc.cluster.local
  trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s } }
`,
    );
    await settled(near);
    const order =
      near === "shop-a"
        ? ["shop-a", "shop-b", "shop-c"]
        : near === "shop-b"
          ? ["shop-b", "shop-a", "shop-c"]
          : ["shop-c"];
    const nodeOf = (name: string): string => `node-${name.at(-1)}`;
    if (order.length === 3) {
      await stop(order[0] ?? "");
      await settled(order[1]);
      await stop(order[1] ?? "");
      await settled(order[2]);
      await start(order[1] ?? "", nodeOf(order[1] ?? ""));
      await start(order[0] ?? "", nodeOf(order[0] ?? ""));
      await settled(near);
    }
  });

  test("a service that is pinned to its region fails rather than leave it", async () => {
    const { region } = await home();
    const pin = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: shop, namespace: ${at} }
spec:
  host: shop.${at}.svc.cluster.local
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        enabled: true
        distribute: [{ from: "r1/*", to: { "r1/*": 100 } }, { from: "r2/*", to: { "r2/*": 100 } }]
`;
    await enact(mesh, pin);
    const inside = region === "r1" ? ["shop-a", "shop-b"] : ["shop-c"];
    await settled(...inside);
    for (const name of inside) {
      await stop(name);
    }
    await settled("503");
    for (const name of inside) {
      await start(name, `node-${name.at(-1)}`);
    }
    await settled(...inside);
    await retract(mesh, pin);
  });
});

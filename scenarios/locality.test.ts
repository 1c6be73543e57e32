import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enact, giveWaypoint, manifests, retract } from "./manifests.ts";
import { refOf, TestMesh } from "./mesh.ts";
import { requestFrom } from "./pod-session.ts";
import { PortalChanges } from "./portal-changes.ts";
import { namespace, pod, podCaptured, podReady, podRef, serviceAccount } from "./workloads.ts";

const at = "places";
const nodeRef = refOf({ apiVersion: "v1", kind: "Node" });
let mesh: TestMesh;
let portal: PortalChanges;

/** node-a and node-b are zones of one region, node-c is another region. */
type Place = "a" | "b" | "c";

const shop = (place: Place): ReturnType<typeof pod> => {
  const object = pod(at, `shop-${place}`, `node-${place}`, "towpath/purchase-history:v1", 8080) as ReturnType<
    typeof pod
  > & {
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
    shop("a"),
    shop("b"),
    shop("c"),
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
  portal = await PortalChanges.start(mesh);
});
afterAll(async () => {
  await portal?.[Symbol.asyncDispose]();
  await mesh?.[Symbol.asyncDispose]();
});

/** Who answers: pods, or the status where it was not 200. */
async function answering(count = 30): Promise<Set<string>> {
  const caller = { namespace: at, name: "caller" };
  const answers = await requestFrom(mesh.kubeconfig, caller, `http://shop.${at}:8080/`, ["--count", String(count)]);
  return new Set(answers.map(({ status, pod: name }) => (status === 200 ? (name ?? "?") : String(status))));
}

/** Asks until the pods that answer are these: a pod that is ready becomes known to the proxies a moment later. */
async function settled(...those: readonly (Place | "503")[]): Promise<void> {
  const wanted = those.map((one) => (one === "503" ? one : `shop-${one}`)).join(" ");
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

async function stop(place: Place): Promise<void> {
  const name = `shop-${place}`;
  await mesh.delete({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: at } });
  await mesh.until(podRef, { namespace: at, name }, (object) => object === undefined);
}

async function start(place: Place): Promise<void> {
  const name = `shop-${place}`;
  await mesh.apply(shop(place));
  await podReady(mesh, at, name);
  await podCaptured(mesh, at, name);
}

/** What is near is near to the waypoint, so it has to stand where the tests say: nothing else fits another node. */
async function waypointAt(node: string): Promise<void> {
  const others = ["node-a", "node-b", "node-c"].filter((name) => name !== node);
  const cordon = (name: string, unschedulable: boolean) =>
    mesh.client.patch(nodeRef, { name }, { type: "merge", body: { spec: { unschedulable } } });
  await Promise.all(others.map((name) => cordon(name, true)));
  await giveWaypoint(mesh, at, ["shop"]);
  await Promise.all(others.map((name) => cordon(name, false)));
  const { items } = await mesh.client.list(podRef, {
    namespace: at,
    labelSelector: "gateway.networking.k8s.io/gateway-name=waypoint",
  });
  expect(items.map(({ spec }) => spec?.["nodeName"])).toEqual([node]);
}

/** Stops the pods one after the other, and starts them again the other way round: each time the nearest one answers. */
async function failsOver([near, next, far]: readonly [Place, Place, Place]): Promise<void> {
  await settled(near);
  await stop(near);
  await settled(next);
  await stop(next);
  await settled(far);
  await start(next);
  await settled(next);
  await start(near);
  await settled(near);
}

describe("two zones of one region, and a second region", { timeout: 120_000 }, () => {
  const service = { namespace: at, name: "shop" };

  test("without a preference all pods answer", async () => {
    expect(await answering(60)).toEqual(new Set(["shop-a", "shop-b", "shop-c"]));
  });

  test("who prefers its zone is answered there, then in the region, then far away, and comes back; undo ends it", async () => {
    const change = await portal.apply("prefer-the-zone", { service });
    expect(change).toMatchObject({ state: "verified", failure: "" });
    await failsOver(["a", "b", "c"]);
    expect(await portal.undo(change.id)).toMatchObject({ state: "verified", failure: "" });
    expect(await answering(60)).toEqual(new Set(["shop-a", "shop-b", "shop-c"]));
  });

  test("behind a waypoint it is the waypoint's zone that counts, then its region", async () => {
    await waypointAt("node-b");
    expect(await answering(60)).toEqual(new Set(["shop-a", "shop-b", "shop-c"]));
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
    await failsOver(["b", "a", "c"]);
  });

  test("a service that is pinned to its region fails rather than leave it", async () => {
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
    await settled("a", "b");
    await stop("a");
    await settled("b");
    await stop("b");
    await settled("503");
    await start("b");
    await settled("b");
    await start("a");
    await settled("a", "b");
    await retract(mesh, pin);
  });
});

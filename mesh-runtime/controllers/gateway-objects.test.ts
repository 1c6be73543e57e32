import { describe, expect, test } from "vitest";
import type { Gateway } from "../api/gateway.ts";
import { boundPortOf } from "../common/ports.ts";
import { gatewayObjects } from "./gateway-objects.ts";
import { loadBalancerIngress } from "./load-balancer.ts";
import { parsePublishedPort } from "./published-port.ts";

const gateway = (annotations: Record<string, string> = {}): Gateway => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "ingress", namespace: "istio-ingress", uid: "u1", labels: { team: "edge" }, annotations },
  spec: {
    gatewayClassName: "istio",
    listeners: [
      { name: "http", port: 80, protocol: "HTTP", hostname: "a.example" },
      { name: "http-b", port: 80, protocol: "HTTP", hostname: "b.example" },
      { name: "plain", port: 9000, protocol: "HTTP" },
    ],
  },
});
const published = [{ namespace: "istio-ingress", gateway: "ingress", listenerPort: 80, hostPort: 8080 }];

describe("gatewayObjects", () => {
  const { serviceAccount, service, deployment } = gatewayObjects(gateway(), published);

  test("names all three as Istio does and makes the Gateway their owner", () => {
    for (const { metadata } of [serviceAccount, service, deployment]) {
      expect(metadata?.name).toBe("ingress-istio");
      expect(metadata?.ownerReferences?.[0]).toMatchObject({ kind: "Gateway", name: "ingress", uid: "u1" });
      expect(metadata?.labels).toEqual({
        team: "edge",
        "gateway.networking.k8s.io/gateway-name": "ingress",
        "gateway.networking.k8s.io/gateway-class-name": "istio",
        "gateway.istio.io/managed": "istio.io-gateway-controller",
      });
    }
  });

  test("offers each listener port once, and readiness", () => {
    expect(service.spec?.type).toBe("LoadBalancer");
    expect(service.spec?.ports?.map(({ port, targetPort }) => [port, targetPort])).toEqual([
      [15021, 15021],
      [80, 8080],
      [9000, 9000],
    ]);
  });

  test("names ports after listeners, or after what is spoken there when that is no name of a port", () => {
    const host = `${"a".repeat(40)}.example.com`;
    const listeners = [
      { name: "plain", port: 80, protocol: "HTTP" },
      { name: `towpath-${host}-http`, port: 8080, protocol: "HTTP" },
      { name: `towpath-${host}-https`, port: 443, protocol: "HTTPS" },
      { name: "sixteen-letters1", port: 9000, protocol: "HTTP" },
    ];
    const objects = gatewayObjects({ ...gateway(), spec: { gatewayClassName: "istio", listeners } }, []);
    expect(objects.service.spec?.ports?.map(({ name }) => name)).toEqual([
      "status-port",
      "plain",
      "http-8080",
      "https-443",
      "sixteen-letters1",
    ]);
    const [container] = objects.deployment.spec?.template.spec?.containers ?? [];
    expect(container?.ports?.slice(0, 4).map(({ name }) => name)).toEqual([
      "plain",
      "http-8080",
      "https-443",
      "http-9000",
    ]);
  });

  test("gives a host port to published listeners alone", () => {
    const ports = deployment.spec?.template.spec?.containers[0]?.ports ?? [];
    expect(ports.find(({ containerPort }) => containerPort === 8080)).toMatchObject({
      hostIP: "127.0.0.1",
      hostPort: 8080,
    });
    expect(ports.find(({ containerPort }) => containerPort === 9000)).not.toHaveProperty("hostPort");
  });

  test("keeps the proxy out of the mesh's capture", () => {
    const { metadata, spec } = deployment.spec?.template ?? {};
    expect(metadata?.labels).toMatchObject({
      "istio.io/dataplane-mode": "none",
      "service.istio.io/canonical-name": "ingress-istio",
    });
    expect(metadata?.annotations).toMatchObject({ "towpath.dev/network": "direct" });
    expect(spec?.serviceAccountName).toBe("ingress-istio");
  });

  test("marks everything as the infrastructure shall be marked, but for what makes it work", () => {
    const plain = gateway();
    const infrastructure = {
      labels: {
        team: "platform",
        "gateway.networking.k8s.io/gateway-name": "other",
        "istio.io/dataplane-mode": "ambient",
      },
      annotations: { cost: "7", "towpath.dev/network": "captured" },
    };
    const marked = gatewayObjects({ ...plain, spec: { ...plain.spec, infrastructure } as Gateway["spec"] }, published);
    const template = marked.deployment.spec?.template.metadata;
    for (const labels of [marked.serviceAccount.metadata?.labels, marked.service.metadata?.labels, template?.labels]) {
      expect(labels).toMatchObject({ team: "platform", "gateway.networking.k8s.io/gateway-name": "ingress" });
    }
    expect(template?.labels?.["istio.io/dataplane-mode"]).toBe("none");
    expect(marked.service.metadata?.annotations).toMatchObject({ cost: "7" });
    expect(template?.annotations).toMatchObject({ cost: "7", "towpath.dev/network": "direct" });
  });

  test("lets an annotation choose the service type", () => {
    const chosen = gatewayObjects(gateway({ "networking.istio.io/service-type": "ClusterIP" }), published);
    expect(chosen.service.spec?.type).toBe("ClusterIP");
    expect(loadBalancerIngress(chosen.service, published)).toEqual([]);
  });

  test("is reached at 127.0.0.1 when a port is published, else pending", () => {
    expect(loadBalancerIngress(service, published)).toEqual([{ ip: "127.0.0.1", ipMode: "VIP" }]);
    expect(loadBalancerIngress(service, [])).toEqual([]);
  });
});

describe("gatewayObjects of a waypoint", () => {
  const waypoint: Gateway = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: {
      name: "waypoint",
      namespace: "default",
      uid: "u2",
      labels: { "istio.io/waypoint-for": "service" },
      annotations: { "networking.istio.io/service-type": "LoadBalancer" },
    },
    spec: {
      gatewayClassName: "istio-waypoint",
      listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
    },
  };
  const everywhere = [{ namespace: "default", gateway: "waypoint", listenerPort: 15008, hostPort: 15008 }];
  const { serviceAccount, service, deployment } = gatewayObjects(waypoint, everywhere);
  const labels = {
    "istio.io/waypoint-for": "service",
    "gateway.networking.k8s.io/gateway-name": "waypoint",
    "gateway.networking.k8s.io/gateway-class-name": "istio-waypoint",
    "gateway.istio.io/managed": "istio.io-mesh-controller",
  };

  test("names all three as the Gateway, marks them as Istio does and makes the Gateway their owner", () => {
    for (const { metadata } of [serviceAccount, service, deployment]) {
      expect(metadata).toMatchObject({ name: "waypoint", namespace: "default", labels });
      expect(metadata?.labels).toEqual(labels);
      expect(metadata?.ownerReferences).toEqual([
        { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: "waypoint", uid: "u2" },
      ]);
    }
  });

  test("is reached inside the mesh alone, by HBONE", () => {
    expect(service.spec).toMatchObject({
      type: "ClusterIP",
      selector: { "gateway.networking.k8s.io/gateway-name": "waypoint" },
    });
    expect(
      service.spec?.ports?.map(({ name, port, targetPort, appProtocol }) => [name, port, targetPort, appProtocol]),
    ).toEqual([
      ["status-port", 15021, 15021, "tcp"],
      ["mesh", 15008, 15008, "hbone"],
    ]);
    const ports = deployment.spec?.template.spec?.containers[0]?.ports ?? [];
    expect(ports.filter((port) => port.hostPort !== undefined)).toEqual([]);
    expect(ports.map(({ containerPort }) => containerPort)).toContain(15008);
  });

  test("runs the proxy outside of capture and is ready when its status port says so", () => {
    const { metadata, spec } = deployment.spec?.template ?? {};
    expect(metadata?.labels).toEqual({
      ...labels,
      "istio.io/dataplane-mode": "none",
      "service.istio.io/canonical-name": "waypoint",
      "service.istio.io/canonical-revision": "latest",
      "sidecar.istio.io/inject": "false",
    });
    expect(metadata?.annotations).toMatchObject({ "towpath.dev/network": "direct" });
    expect(spec).toMatchObject({
      serviceAccountName: "waypoint",
      containers: [{ image: "towpath/proxy", readinessProbe: { httpGet: { path: "/healthz/ready", port: 15021 } } }],
    });
  });

  test("leaves the number of pods to others and refuses nobody while they are replaced", () => {
    expect(deployment.spec).not.toHaveProperty("replicas");
    expect(deployment.spec?.strategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
  });
});

test.each([
  [80, 8080],
  [443, 8443],
  [1023, 9023],
  [1024, 1024],
  [8080, 8080],
])("listener port %i is bound at %i", (port, bound) => {
  expect(boundPortOf(port)).toBe(bound);
});

describe("parsePublishedPort", () => {
  test("reads namespace, gateway and both ports", () => {
    expect(parsePublishedPort("istio-ingress/ingress:80=8080")).toEqual(published[0]);
  });
  test.each(["", "ingress:80=8080", "a/b:80", "a/b:0=1", "a/b:80=70000", "a/b:x=1", "a/b:80=8080 "])(
    "refuses %j",
    (text) => {
      expect(parsePublishedPort(text)).toBeUndefined();
    },
  );
});

import { TestAuthority } from "../../mesh-runtime/hbone/test-authority.suite.ts";
import type { Certificate } from "../../mesh-runtime/identity/certificate-request.ts";
import { root } from "../../supervisor/config.ts";
import { gatewayAddress, openGateways, programPod, startPlace } from "../conformance/place.ts";
import { enact, giveWaypoint, manifests } from "../manifests.ts";
import type { TestMesh } from "../mesh.ts";
import { podRef, serviceAccount } from "../workloads.ts";

export const at = "victims";
export const identity = (name: string, namespace = at): string => `spiffe://cluster.local/ns/${namespace}/sa/${name}`;

/** A mesh with two services behind one waypoint, and what an attacker knows of it. */
export interface Place {
  readonly mesh: TestMesh;
  /** Addresses of pods. */
  readonly gateway: string;
  readonly waypoint: string;
  readonly server: string;
  readonly other: string;
}

const backend = (name: string) => [
  serviceAccount(at, name),
  programPod(at, name, { app: name }, ["node", `${root}/scenarios/backends/echo.ts`, name], [3000, 3001, 7070, 9090]),
  ...manifests(`
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${at} }
spec:
  selector: { app: ${name} }
  ports:
    - { name: http, port: 80, targetPort: 3000, appProtocol: http }
    - { name: h2c, port: 8081, targetPort: 3001, appProtocol: kubernetes.io/h2c }
    - { name: any, port: 8000, targetPort: 3000 }
`),
];

const edge = (certificate: Certificate): string => `
apiVersion: v1
kind: Secret
metadata: { name: edge, namespace: istio-ingress }
type: kubernetes.io/tls
data: { tls.crt: ${base64(certificate.chain)}, tls.key: ${base64(certificate.key)} }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ingress, namespace: istio-ingress }
spec:
  gatewayClassName: istio
  listeners:
    - { name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }
    - name: https
      port: 443
      protocol: HTTPS
      hostname: "*.test"
      tls: { certificateRefs: [{ name: edge }] }
      allowedRoutes: { namespaces: { from: All } }
`;
const base64 = (text: string): string => Buffer.from(text).toString("base64");

const routeFromEdge = (name: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: edge-${name}, namespace: ${at} }
spec:
  parentRefs: [{ name: ingress, namespace: istio-ingress }]
  hostnames: [${name}.test]
  rules: [{ backendRefs: [{ name: ${name}, port: 80 }] }]
`;

export async function startHostilePlace(): Promise<Place> {
  const mesh = await startPlace([at], [...backend("server"), ...backend("other")]);
  const authority = await TestAuthority.create();
  const certificate = await authority.issue(identity("edge"), { names: [{ type: "dns", value: "*.test" }] });
  await openGateways(mesh, edge(certificate));
  await giveWaypoint(mesh, at, ["server", "other"]);
  await enact(mesh, routeFromEdge("server"));
  const addressOf = async (name: string): Promise<string> =>
    (await mesh.client.get(podRef, { namespace: at, name }))?.status?.podIP ?? "";
  return {
    mesh,
    gateway: await gatewayAddress(mesh, "istio-ingress", "ingress"),
    waypoint: await gatewayAddress(mesh, at, "waypoint"),
    server: await addressOf("server"),
    other: await addressOf("other"),
  };
}

import type { Deployment } from "../api/deployment.ts";
import type { Gateway } from "../api/gateway.ts";
import type { Service } from "../api/service.ts";
import type { ServiceAccount } from "../api/serviceaccount.ts";
import { boundPortOf, ports } from "../common/ports.ts";
import type { PublishedPort } from "./published-port.ts";

export const gatewayNameLabel = "gateway.networking.k8s.io/gateway-name";
const gatewayClassLabel = "gateway.networking.k8s.io/gateway-class-name";
const managedLabel = "gateway.istio.io/managed";
const serviceTypeAnnotation = "networking.istio.io/service-type";
/** A Gateway class and how what stands behind it is named and marked (Istio "Gateway API: automated deployment"). */
interface ClassForm {
  /** Value of the label that says who manages the objects. */
  readonly manager: string;
  readonly objectName: (gateway: string) => string;
}

const classForms: Readonly<Record<string, ClassForm>> = {
  istio: { manager: "istio.io-gateway-controller", objectName: (gateway) => `${gateway}-istio` },
  "istio-waypoint": { manager: "istio.io-mesh-controller", objectName: (gateway) => gateway },
};

const classOf = (gateway: Gateway): string => gateway.spec?.gatewayClassName ?? "";

/** Whether objects are made for the Gateway here. */
export const isMadeHere = (gateway: Gateway): boolean => Object.hasOwn(classForms, classOf(gateway));

const isWaypoint = (gateway: Gateway): boolean => classOf(gateway) === "istio-waypoint";

/** What stands behind one Gateway, each made by server-side apply. */
export interface GatewayObjects {
  readonly serviceAccount: ServiceAccount;
  readonly service: Service;
  readonly deployment: Deployment;
}

/** The objects behind a Gateway of class `istio` or `istio-waypoint`. Pure. */
export function gatewayObjects(gateway: Gateway, published: readonly PublishedPort[]): GatewayObjects {
  const { name: gatewayName = "", namespace = "", uid = "" } = gateway.metadata ?? {};
  const className = classOf(gateway);
  const form = classForms[className];
  const name = form?.objectName(gatewayName) ?? gatewayName;
  const own = { [gatewayNameLabel]: gatewayName };
  // As Istio: what the infrastructure shall be marked with stands in the place of the Gateway's own labels.
  const { labels: wished = gateway.metadata?.labels, annotations } = gateway.spec?.infrastructure ?? {};
  const labels = {
    ...wished,
    ...own,
    [gatewayClassLabel]: className,
    [managedLabel]: form?.manager ?? "",
  };
  const metadata = {
    name,
    namespace,
    labels,
    ...(annotations !== undefined && { annotations }),
    ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name: gatewayName, uid }],
  };
  const listeners = isWaypoint(gateway) ? [meshListener] : distinctByPort(gateway.spec?.listeners ?? []);
  return {
    serviceAccount: { apiVersion: "v1", kind: "ServiceAccount", metadata },
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        type: serviceType(gateway),
        selector: own,
        ports: [
          {
            name: "status-port",
            port: ports.readiness,
            targetPort: ports.readiness,
            protocol: "TCP",
            appProtocol: "tcp",
          },
          ...listeners.map((listener) => ({
            name: portName(listener, 63),
            port: listener.port,
            targetPort: boundPortOf(listener.port),
            protocol: "TCP" as const,
            appProtocol: listener.protocol.toLowerCase(),
          })),
        ],
      },
    },
    deployment: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        selector: { matchLabels: own },
        // How many there are is said by whoever scales it; while pods are replaced nobody is refused.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
          metadata: {
            labels: {
              ...labels,
              "istio.io/dataplane-mode": "none",
              "service.istio.io/canonical-name": name,
              "service.istio.io/canonical-revision": "latest",
              "sidecar.istio.io/inject": "false",
            },
            annotations: {
              ...annotations,
              "towpath.dev/network": "direct",
              "prometheus.io/scrape": "true",
              "prometheus.io/port": String(ports.metrics),
              "prometheus.io/path": "/stats/prometheus",
            },
          },
          spec: {
            serviceAccountName: name,
            terminationGracePeriodSeconds: 30,
            containers: [
              {
                name: "istio-proxy",
                image: "towpath/proxy",
                ports: [
                  ...listeners.map((listener) => ({
                    name: portName(listener, 15),
                    containerPort: boundPortOf(listener.port),
                    protocol: "TCP" as const,
                    ...(isWaypoint(gateway) ? {} : hostPort(published, namespace, gatewayName, listener.port)),
                  })),
                  { name: "metrics", containerPort: ports.metrics, protocol: "TCP" },
                  { name: "status-port", containerPort: ports.readiness, protocol: "TCP" },
                ],
                readinessProbe: {
                  httpGet: { path: "/healthz/ready", port: ports.readiness, scheme: "HTTP" },
                  periodSeconds: 5,
                  timeoutSeconds: 1,
                  failureThreshold: 3,
                },
              },
            ],
          },
        },
      },
    },
  };
}

/** What a waypoint listens on, whatever else its Gateway says. */
const meshListener = { name: "mesh", port: ports.hbone, protocol: "HBONE" } as const;

function hostPort(published: readonly PublishedPort[], namespace: string, gateway: string, listenerPort: number) {
  const found = published.find(
    (port) => port.namespace === namespace && port.gateway === gateway && port.listenerPort === listenerPort,
  );
  return found === undefined ? {} : { hostIP: "127.0.0.1", hostPort: found.hostPort };
}

/** A waypoint is for the mesh alone. */
function serviceType(gateway: Gateway): "ClusterIP" | "NodePort" | "LoadBalancer" {
  if (isWaypoint(gateway)) {
    return "ClusterIP";
  }
  const wish = gateway.metadata?.annotations?.[serviceTypeAnnotation];
  return wish === "ClusterIP" || wish === "NodePort" ? wish : "LoadBalancer";
}

/** Listeners may share a port (several hosts); a Service and a pod name each port once. */
function distinctByPort<T extends { readonly port: number }>(listeners: readonly T[]): T[] {
  return listeners.filter((listener, index) => listeners.findIndex(({ port }) => port === listener.port) === index);
}

/**
 * The listener's name where it may name a port: no dots, at most 63 characters of a Service, 15 of a container. Listeners
 * are named more freely; then what is spoken there and where.
 */
const portName = ({ name, protocol, port }: NamedListener, lengthMax: number): string =>
  name.includes(".") || name.length > lengthMax ? `${protocol.toLowerCase()}-${port}` : name;

interface NamedListener {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

import type { L7Protocol } from "../../../xds/proxy-config.ts";

/** Ports at which the server speaks first; without a name they must not be sniffed (istio/istio `wellKnownPorts`). */
const serverFirstPorts: ReadonlySet<number> = new Set([25, 53, 3306, 27_017]);

const protocols: Readonly<Record<string, L7Protocol>> = {
  http: "HTTP",
  http_proxy: "HTTP",
  http2: "HTTP2",
  grpc: "GRPC",
  tcp: "TCP",
  tls: "TCP",
  https: "TCP",
  mongo: "TCP",
  redis: "TCP",
  mysql: "TCP",
  udp: "TCP",
};

/** Values of `appProtocol` that Kubernetes defines ("Application protocol"). */
const kubernetesProtocols: Readonly<Record<string, L7Protocol>> = {
  "kubernetes.io/h2c": "HTTP2",
  "kubernetes.io/ws": "HTTP",
  "kubernetes.io/wss": "TCP",
};

/**
 * What is spoken at a port of a Service (Istio "Protocol Selection"): its `appProtocol`, else its name up to the first
 * hyphen. Neither known: told from the first bytes (AUTO).
 */
export function portProtocol(port: {
  readonly name: string;
  readonly port: number;
  readonly appProtocol: string;
}): L7Protocol {
  const kubernetes = lookUp(kubernetesProtocols, port.appProtocol);
  if (kubernetes !== undefined) {
    return kubernetes;
  }
  const name = (port.appProtocol === "" ? port.name : port.appProtocol).toLowerCase();
  if (name.startsWith("grpc-web")) {
    return "HTTP";
  }
  const hyphen = name.indexOf("-");
  const known = lookUp(protocols, hyphen < 0 ? name : name.slice(0, hyphen));
  return known ?? (serverFirstPorts.has(port.port) ? "TCP" : "AUTO");
}

const lookUp = (table: Readonly<Record<string, L7Protocol>>, name: string): L7Protocol | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** core/v1 Service: schema and type. */
import type * as z from "zod";
import { bool, dict, int32, intOrString, keyed, list, mergedBy, str, struct, word } from "./schema/builders.ts";
import { condition, object } from "./schema/object-meta.ts";

const servicePort = struct(
  "v1.ServicePort",
  { port: int32().describe("Port at which the service is reached.") },
  {
    name: str().describe("A DNS label, unique within the service; needed when there is more than one port."),
    protocol: word(["TCP", "UDP", "SCTP"], { goType: "v1.Protocol", default: "TCP" }).describe("TCP, UDP or SCTP."),
    appProtocol: str().describe("Protocol of the application: an IANA service name or a qualified name."),
    targetPort: intOrString().describe("Port of the pods: a number, or the name of a container port."),
    nodePort: int32().describe("Port on every node, for types NodePort and LoadBalancer. Usually allocated."),
  },
);

const loadBalancerIngress = struct(
  "v1.LoadBalancerIngress",
  {},
  {
    ip: str().describe("Address at which the load balancer is reached."),
    hostname: str().describe("Name at which the load balancer is reached."),
    ipMode: word(["VIP", "Proxy"], { goType: "v1.LoadBalancerIPMode" }),
    ports: list(struct("v1.PortStatus", { port: int32(), protocol: str({ goType: "v1.Protocol" }) }, { error: str() })),
  },
);

export const serviceSchema = object(
  "Service",
  "v1",
  "v1.Service",
  {},
  {
    spec: struct(
      "v1.ServiceSpec",
      {},
      {
        ports: keyed(servicePort, ["port", "protocol"], mergedBy("port")).describe("Ports that the service offers."),
        selector: dict(str(), { "x-kubernetes-map-type": "atomic" }).describe("Labels of the pods behind the service."),
        clusterIP: str().describe("Virtual address, `None` for a headless service. Usually allocated; cannot change."),
        clusterIPs: list(str()).describe("Virtual addresses, one per IP family."),
        type: word(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"], { goType: "v1.ServiceType" }).describe(
          "ClusterIP, NodePort, LoadBalancer or ExternalName.",
        ),
        externalIPs: list(str()).describe("Further addresses at which nodes accept traffic for the service."),
        sessionAffinity: word(["None", "ClientIP"], { goType: "v1.ServiceAffinity" }).describe("None or ClientIP."),
        loadBalancerIP: str().describe("Wished address of the load balancer."),
        loadBalancerSourceRanges: list(str()).describe("Networks that may reach the load balancer."),
        externalName: str().describe("DNS name that the service stands for; type ExternalName only."),
        externalTrafficPolicy: word(["Cluster", "Local"], { goType: "v1.ServiceExternalTrafficPolicy" }),
        healthCheckNodePort: int32().describe(
          "Port on which nodes tell whether they have endpoints; externalTrafficPolicy Local only.",
        ),
        publishNotReadyAddresses: bool().describe("Whether pods that are not ready are published too."),
        sessionAffinityConfig: struct(
          "v1.SessionAffinityConfig",
          {},
          { clientIP: struct("v1.ClientIPConfig", {}, { timeoutSeconds: int32() }) },
        ),
        ipFamilies: list(word(["IPv4", "IPv6"], { goType: "v1.IPFamily" })),
        ipFamilyPolicy: word(["SingleStack", "PreferDualStack", "RequireDualStack"], { goType: "v1.IPFamilyPolicy" }),
        allocateLoadBalancerNodePorts: bool().describe("Whether a load balancer gets node ports."),
        loadBalancerClass: str().describe("The implementation of the load balancer."),
        internalTrafficPolicy: word(["Cluster", "Local"], { goType: "v1.ServiceInternalTrafficPolicy" }).describe(
          "Cluster, or Local to use endpoints of the caller's node only.",
        ),
        trafficDistribution: str().describe("How to prefer endpoints; PreferClose keeps traffic near."),
      },
    ).describe("What the service offers, and to which pods it leads."),
    status: struct(
      "v1.ServiceStatus",
      {},
      {
        loadBalancer: struct("v1.LoadBalancerStatus", {}, { ingress: list(loadBalancerIngress) }),
        conditions: keyed(condition, ["type"], mergedBy("type")),
      },
    ),
  },
);

export type Service = z.infer<typeof serviceSchema>;
export type ServicePort = z.infer<typeof servicePort>;

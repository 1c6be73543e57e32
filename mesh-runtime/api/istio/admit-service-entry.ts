/** What istiod's webhook `validation.istio.io` says of a ServiceEntry. */
import type { AdmissionVerdict } from "../kind.ts";
import type { ServiceEntry } from "../serviceentry.ts";
import { isIp } from "../validation/names.ts";
import {
  exportProblems,
  fqdnProblem,
  isDnsLabel,
  labelProblems,
  subnetProblem,
  wildcardDomainProblem,
} from "./names.ts";
import { Report } from "./report.ts";
import type { WorkloadEntrySpec } from "./workload-entry.ts";

type Spec = ServiceEntry["spec"];

/** Protocols that Istio knows, in lower case; the first group is spoken as HTTP, the second as TLS. */
const http = ["http", "http2", "http_proxy", "grpc", "grpc-web"];
const tls = ["https", "tls"];
const plain = ["tcp", "udp", "mongo", "redis", "mysql"];
const protocols = new Set([...http, ...tls, ...plain]);

export function admitServiceEntry(entry: ServiceEntry): AdmissionVerdict {
  const { spec } = entry;
  const report = new Report();
  const { hosts, resolution = "NONE" } = spec;
  if (spec.workloadSelector !== undefined && Object.keys(spec.workloadSelector.labels ?? {}).length === 0) {
    report.warn(
      "service entry: workload selector specified without labels, will be applied to all services in namespace",
    );
  }
  for (const host of hosts) {
    report.refuse(wildcardDomainProblem(host));
    if (resolution !== "DYNAMIC_DNS" && host.includes("*") && !host.startsWith("*.")) {
      report.warn(`partial wildcard ${JSON.stringify(host)} not allowed`);
    }
  }
  for (const address of spec.addresses ?? []) {
    report.refuse(subnetProblem(address));
  }
  admitPorts(entry, report);
  admitResolution(spec, report);
  const ofNames = (spec.ports ?? []).every(({ protocol = "" }) => [...http, ...tls].includes(protocol.toLowerCase()));
  if (resolution !== "NONE" && hosts.length > 1 && !ofNames) {
    report.refuse("multiple hosts provided with non-HTTP, non-TLS ports");
  }
  for (const problem of exportProblems(entry.metadata.namespace ?? "", spec.exportTo, "ServiceEntry")) {
    report.refuse(problem);
  }
  return report.verdict();
}

function admitPorts({ spec, metadata }: ServiceEntry, report: Report): void {
  const optedOut = metadata.labels?.["networking.istio.io/enable-autoallocate-ip"]?.toLowerCase() === "false";
  const allocates = (spec.resolution ?? "NONE") !== "NONE" && !optedOut;
  for (const { name, protocol = "" } of spec.ports ?? []) {
    if ((spec.addresses?.length ?? 0) === 0 && !allocates && (protocol === "" || protocol === "TCP")) {
      report.warn(
        "addresses are required for ports serving TCP (or unset) protocol when IP Autoallocation is not enabled",
      );
    }
    report.refuse(isDnsLabel(name) ? undefined : `invalid port name: ${name}`);
    if (protocol !== "" && !protocols.has(protocol.toLowerCase())) {
      report.refuse(`unsupported protocol: ${protocol}`);
    }
  }
}

function admitResolution(spec: Spec, report: Report): void {
  switch (spec.resolution) {
    case undefined:
    case "NONE":
      if (spec.workloadSelector !== undefined) {
        report.warn("workloadSelector should not be set when resolution mode is NONE");
      }
      return;
    case "STATIC":
      for (const endpoint of spec.endpoints ?? []) {
        admitStaticEndpoint(endpoint, spec, report);
      }
      return;
    case "DNS":
    case "DNS_ROUND_ROBIN":
      admitDns(spec, report);
      return;
    case "DYNAMIC_DNS":
      admitDynamicDns(spec, report);
      return;
    default:
      spec.resolution satisfies never;
  }
}

function admitStaticEndpoint(endpoint: WorkloadEntrySpec, spec: Spec, report: Report): void {
  const { address = "", network = "" } = endpoint;
  const isSocket = address.startsWith("unix://");
  if (address === "") {
    if (network === "") {
      report.refuse("address is required");
      return;
    }
    report.warn(`address is unset with network ${JSON.stringify(network)}`);
  } else if (!isSocket && !isIp(address)) {
    report.refuse(`endpoint address ${JSON.stringify(address)} is not a valid IP address`);
  }
  admitEndpointPorts(endpoint, spec, report);
  if (isSocket && (spec.ports?.length ?? 0) !== 1) {
    report.refuse("exactly 1 service port required for unix endpoints");
  }
}

function admitEndpointPorts(endpoint: WorkloadEntrySpec, { ports = [] }: Spec, report: Report): void {
  for (const [name, port] of Object.entries(endpoint.ports ?? {})) {
    if (!ports.some((known) => known.name === name)) {
      report.refuse(`endpoint port ${port} is not defined by the service entry`);
    }
    report.refuse(isDnsLabel(name) ? undefined : `invalid port name: ${name}`);
  }
  for (const problem of labelProblems(endpoint.labels)) {
    report.refuseListed(problem);
  }
}

function admitDns(spec: Spec, report: Report): void {
  const { hosts, endpoints = [], addresses = [], ports = [] } = spec;
  if (endpoints.length === 0) {
    const problem = hosts.map(fqdnProblem).find((text) => text !== undefined);
    if (problem !== undefined) {
      report.refuse(
        `hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode ${spec.resolution}, ${problem}`,
      );
    }
  }
  for (const endpoint of endpoints) {
    const { address = "" } = endpoint;
    if (!isIp(address) && fqdnProblem(address) !== undefined) {
      report.refuse(`endpoint address ${JSON.stringify(address)} is not a valid FQDN or an IP address`);
    }
    admitEndpointPorts(endpoint, spec, report);
  }
  const opaque = ports.some(({ protocol = "" }) =>
    [...tls, "tcp", "mongo", "redis", "mysql"].includes(protocol.toLowerCase()),
  );
  if (addresses.length > 0 && hosts.length > 1 && opaque) {
    report.warn("service entry can not have more than one host specified simultaneously with address and tcp port");
  }
}

function admitDynamicDns(spec: Spec, report: Report): void {
  const of = "resolution type DYNAMIC_DNS";
  for (const host of spec.hosts) {
    report.refuse(host.startsWith("*") ? undefined : "host must be wildcarded for resolution mode DYNAMIC_DNS");
  }
  if ((spec.addresses?.length ?? 0) > 0) {
    report.refuse(
      `addresses cannot be set for ${of}. HTTP route domains will only be generatedfrom the hosts field values`,
    );
  }
  if ((spec.endpoints?.length ?? 0) > 0) {
    report.refuse(`endpoints cannot be set for ${of}. Destination IP address determined from hostsfield values`);
  }
  for (const { protocol = "" } of spec.ports ?? []) {
    if (!["http", "tls"].includes(protocol.toLowerCase())) {
      report.refuse(`only HTTP and TLS protocol is supported for ${of}`);
    }
  }
  if (spec.location === "MESH_INTERNAL") {
    report.refuse(`location must be MESH_EXTERNAL for ${of}`);
  }
}

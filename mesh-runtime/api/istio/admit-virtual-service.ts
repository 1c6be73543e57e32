/** What istiod's webhook `validation.istio.io` says of a VirtualService. */
import type { AdmissionVerdict } from "../kind.ts";
import { isIp } from "../validation/names.ts";
import type { VirtualService, VirtualServiceTcpRule, VirtualServiceTlsRule } from "../virtualservice.ts";
import { admitDestinations } from "./admit-destinations.ts";
import { isClaim } from "./admit-http-headers.ts";
import { admitConnectionMatch, admitGatewayNames } from "./admit-http-match.ts";
import { admitHttpRule } from "./admit-http-rule.ts";
import { exportProblems, hostsOverlap, isSubsetHost, subnetProblem, wildcardDomainProblem } from "./names.ts";
import { Report } from "./report.ts";
import { warnCovered, warnUnreachable } from "./unreachable-rules.ts";

type Spec = NonNullable<VirtualService["spec"]>;

export function admitVirtualService(service: VirtualService): AdmissionVerdict {
  const spec = service.spec ?? {};
  const { hosts = [], gateways = [], http = [], tls = [], tcp = [] } = spec;
  const report = new Report();
  const isDelegate = hosts.length === 0;
  if (isDelegate) {
    for (const [what, list] of [
      ["gateways", gateways],
      ["tls route", tls],
      ["tcp route", tcp],
    ] as const) {
      report.refuse(list.length > 0 ? `delegate virtual service must have no ${what} specified` : undefined);
    }
  }
  admitGatewayNames(gateways, report);
  const inMesh = gateways.length === 0 || gateways.includes("mesh");
  if (inMesh) {
    refuseClaims(spec, report);
  }
  admitHosts(hosts, inMesh, report);
  if (http.length === 0 && tcp.length === 0 && tls.length === 0) {
    report.refuse("http, tcp or tls must be provided in virtual service");
  }
  for (const rule of http) {
    admitHttpRule(rule, isDelegate, report);
  }
  for (const rule of tls) {
    admitTls(rule, spec, report);
  }
  for (const rule of tcp) {
    admitTcp(rule, report);
  }
  for (const problem of exportProblems(service.metadata.namespace ?? "", spec.exportTo, "other")) {
    report.refuse(problem);
  }
  warnUnreachable(http, report);
  warnCovered(http, report);
  warnUnreachable(tcp, report);
  warnUnreachable(tls, report);
  return report.verdict();
}

/** Claims are known where tokens are read before routing. */
function refuseClaims({ http = [], gateways = [] }: Spec, report: Report): void {
  for (const match of http.flatMap((rule) => rule.match ?? [])) {
    for (const name of [...Object.keys(match.headers ?? {}), ...Object.keys(match.withoutHeaders ?? {})]) {
      if (isClaim(name)) {
        report.refuse(
          `JWT claim based routing (key: ${name}) is only supported for gateway, found no gateways: [${gateways.join(" ")}]`,
        );
      }
    }
  }
}

/** Most hosts that are compared with each other; istiod compares all. */
const comparedMax = 1000;

function admitHosts(hosts: readonly string[], inMesh: boolean, report: Report): void {
  const before = report.complaints.length;
  for (const host of hosts) {
    const problem = wildcardDomainProblem(host);
    if (problem !== undefined) {
      report.refuse(isIp(host) ? undefined : problem);
    } else if (inMesh && host === "*") {
      report.refuse("wildcard host * is not allowed for virtual services bound to the mesh gateway");
    }
  }
  if (report.complaints.length > before || hosts.length > comparedMax) {
    return;
  }
  for (const [i, host] of hosts.entries()) {
    for (const other of hosts.slice(i + 1)) {
      if (hostsOverlap(host, other)) {
        report.refuse(`duplicate hosts in virtual service: ${host} & ${other}`);
      }
    }
  }
}

function admitTls(rule: VirtualServiceTlsRule, { hosts = [] }: Spec, report: Report): void {
  if (rule.match.length === 0) {
    report.refuse("TLS route must have at least one match condition");
  }
  for (const match of rule.match) {
    if (match.sniHosts.length === 0) {
      report.refuse("TLS match must have at least one SNI host");
    }
    for (const host of match.sniHosts) {
      admitSniHost(host, hosts, report);
    }
    for (const subnet of match.destinationSubnets ?? []) {
      report.refuse(subnetProblem(subnet));
    }
    admitConnectionMatch(match, report);
  }
  if ((rule.route?.length ?? 0) === 0) {
    report.refuse("TLS route is required");
  }
  admitDestinations(rule.route ?? [], report);
}

function admitSniHost(sni: string, hosts: readonly string[], report: Report): void {
  const problem = wildcardDomainProblem(sni);
  if (problem !== undefined) {
    if (isIp(sni)) {
      report.warn(
        `using an IP address (${JSON.stringify(sni)}) goes against SNI spec and most clients do not support this`,
      );
    } else {
      report.refuse(problem);
    }
    return;
  }
  if (!hosts.some((host) => isSubsetHost(sni, host))) {
    report.refuse(
      `SNI host ${JSON.stringify(sni)} is not a compatible subset of any of the virtual service hosts: [${hosts.join(", ")}]`,
    );
  }
}

function admitTcp(rule: VirtualServiceTcpRule, report: Report): void {
  for (const match of rule.match ?? []) {
    for (const subnet of match.destinationSubnets ?? []) {
      report.refuse(subnetProblem(subnet));
    }
    admitConnectionMatch(match, report);
  }
  if ((rule.route?.length ?? 0) === 0) {
    report.refuse("TCP route is required");
  }
  admitDestinations(rule.route ?? [], report);
}

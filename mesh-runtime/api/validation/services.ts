/** Validation of Services, as core/v1 `ValidateService` does it. */
import { goStrings } from "../schema/go-format.ts";
import { equal } from "../schema/json.ts";
import type { Service, ServicePort } from "../service.ts";
import type { FieldError } from "../status.ts";
import { validatePort } from "./containers.ts";
import { duplicate, forbidden, goText, invalid, required, supported } from "./field-errors.ts";
import { validateLabels } from "./metadata.ts";
import { dnsLabel, dnsSubdomain, isCidr, isIp, portNumber, qualifiedName } from "./names.ts";

type Spec = NonNullable<Service["spec"]>;

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const ipText = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const secondsPerDay = 86_400;

export function validateService(spec: Spec): FieldError[] {
  const errors: FieldError[] = [];
  const external = spec.type === "ExternalName";
  const headless = spec.clusterIP === "None";
  const ports = spec.ports ?? [];
  if (ports.length === 0 && !headless && !external) {
    errors.push(required("spec.ports"));
  }
  if (spec.type === "LoadBalancer" && headless) {
    errors.push(invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services"));
  }
  if (spec.type === "NodePort" && headless) {
    errors.push(invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services"));
  }
  if (external) {
    errors.push(...validateExternalName(spec));
  }
  errors.push(
    ...validatePorts(ports, spec.type ?? "ClusterIP"),
    ...validateLabels(spec.selector, "spec.selector"),
    ...supported("spec.sessionAffinity", spec.sessionAffinity || "None", ["ClientIP", "None"]),
    ...validateAffinity(spec),
    ...(external ? [] : validateClusterIps(spec)),
    ...(spec.externalIPs ?? []).flatMap((ip, i) => (isIp(ip) ? [] : [invalid(`spec.externalIPs[${i}]`, ip, ipText)])),
    ...supported("spec.type", spec.type || "ClusterIP", types),
    ...validatePolicies(spec),
  );
  return errors;
}

function validateExternalName(spec: Spec): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.clusterIPs ?? []).length > 0) {
    errors.push(forbidden("spec.clusterIPs", "may not be set for ExternalName services"));
  }
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") {
    errors.push(required("spec.externalName"));
  } else {
    errors.push(...dnsSubdomain(name).map((text) => invalid("spec.externalName", name, text)));
  }
  return errors;
}

function validatePorts(ports: readonly ServicePort[], type: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const at = `spec.ports[${i}]`;
    if (!port.name) {
      if (ports.length > 1) {
        errors.push(required(`${at}.name`));
      }
    } else {
      const { name } = port;
      errors.push(...dnsLabel(name).map((text) => invalid(`${at}.name`, name, text)));
      if (names.has(name)) {
        errors.push(duplicate(`${at}.name`, name));
      }
      names.add(name);
    }
    errors.push(
      ...portNumber(port.port).map((text) => invalid(`${at}.port`, port.port, text)),
      ...supported(`${at}.protocol`, port.protocol ?? "", ["SCTP", "TCP", "UDP"]),
      ...validatePort(port.targetPort ?? 0, `${at}.targetPort`),
    );
    if (port.appProtocol) {
      const { appProtocol } = port;
      errors.push(...qualifiedName(appProtocol).map((text) => invalid(`${at}.appProtocol`, appProtocol, text)));
    }
    if (port.nodePort && type === "ClusterIP") {
      errors.push(forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  const seen = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const key = `${port.protocol} ${port.port}`;
    if (seen.has(key)) {
      errors.push(
        duplicate(
          `spec.ports[${i}]`,
          goText(
            `core.ServicePort{Name:"", Protocol:${JSON.stringify(port.protocol ?? "")}, AppProtocol:(*string)(nil), Port:${port.port}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`,
          ),
        ),
      );
    }
    seen.add(key);
  }
  return errors;
}

function validateAffinity(spec: Spec): FieldError[] {
  const config = spec.sessionAffinityConfig;
  if (spec.sessionAffinity !== "ClientIP") {
    return config === undefined
      ? []
      : [forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None")];
  }
  const field = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
  const seconds = config?.clientIP?.timeoutSeconds;
  if (seconds === undefined) {
    return [required(field)];
  }
  return seconds <= 0 || seconds > secondsPerDay
    ? [invalid(field, seconds, `must be greater than 0 and less than ${secondsPerDay}`)]
    : [];
}

function validateClusterIps(spec: Spec): FieldError[] {
  const ips = spec.clusterIPs ?? [];
  return ips.flatMap((ip, i) => {
    if (ip === "None") {
      return i > 0 ? [invalid(`spec.clusterIPs[${i}]`, ip, "must be empty when 'None' is used")] : [];
    }
    return isIp(ip) ? [] : [invalid(`spec.clusterIPs[${i}]`, ip, ipText)];
  });
}

function validatePolicies(spec: Spec): FieldError[] {
  const errors: FieldError[] = [];
  const reachable = spec.type === "NodePort" || spec.type === "LoadBalancer";
  if (spec.externalTrafficPolicy !== undefined) {
    if (!reachable && (spec.externalIPs ?? []).length === 0) {
      errors.push(
        invalid(
          "spec.externalTrafficPolicy",
          spec.externalTrafficPolicy,
          "may only be set for externally-accessible services",
        ),
      );
    } else {
      errors.push(...supported("spec.externalTrafficPolicy", spec.externalTrafficPolicy, ["Cluster", "Local"]));
    }
  }
  if (spec.internalTrafficPolicy !== undefined) {
    errors.push(...supported("spec.internalTrafficPolicy", spec.internalTrafficPolicy, ["Cluster", "Local"]));
  }
  if (spec.trafficDistribution !== undefined) {
    errors.push(...supported("spec.trafficDistribution", spec.trafficDistribution, ["PreferClose"]));
  }
  for (const [i, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    if (spec.type !== "LoadBalancer") {
      errors.push(forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'"));
      break;
    }
    if (!isCidr(range.trim())) {
      errors.push(
        invalid(
          `spec.loadBalancerSourceRanges[${i}]`,
          range,
          "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
        ),
      );
    }
  }
  return errors;
}

/** The virtual address is for life, unless the service turns into an ExternalName or back. */
export function validateServiceUpdate(spec: Spec, old: Spec): FieldError[] {
  const ips = spec.clusterIPs ?? [];
  const before = old.clusterIPs ?? [];
  if (old.type === "ExternalName" || spec.type === "ExternalName" || before.length === 0 || equal(ips[0], before[0])) {
    return [];
  }
  return [invalid("spec.clusterIPs[0]", goText(goStrings(ips)), "may not change once set")];
}

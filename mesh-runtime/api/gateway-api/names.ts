/** Names and references as the Gateway API limits them. */
import { int32, rules, str, struct } from "../schema/builders.ts";

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;

export const hostnamePattern = `^(\\*\\.)?${subdomain}$`;
export const preciseHostnamePattern = `^${subdomain}$`;
export const controllerNamePattern = `^${subdomain}\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$`;
export const headerNamePattern = "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$";
export const durationPattern = "^([0-9]{1,5}(h|m|s|ms)){1,4}$";

export const group = (byDefault?: string) =>
  str({ maxLength: 253, pattern: `^$|^${subdomain}$`, ...(byDefault === undefined ? {} : { default: byDefault }) });
export const kind = (byDefault?: string) =>
  str({
    minLength: 1,
    maxLength: 63,
    pattern: "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$",
    ...(byDefault === undefined ? {} : { default: byDefault }),
  });
export const objectName = () => str({ minLength: 1, maxLength: 253 });
export const namespace = () => str({ minLength: 1, maxLength: 63, pattern: `^${label}$` });
export const sectionName = () => str({ minLength: 1, maxLength: 253, pattern: preciseHostnamePattern });
export const hostname = () => str({ minLength: 1, maxLength: 253, pattern: hostnamePattern });
export const preciseHostname = () => str({ minLength: 1, maxLength: 253, pattern: preciseHostnamePattern });
export const portNumber = () => int32({ minimum: 1, maximum: 65535 });
export const duration = () => str({ pattern: durationPattern });
export const controllerName = () => str({ minLength: 1, maxLength: 253, pattern: controllerNamePattern });

/** A route's parent: a Gateway by default, or a Service. */
export const parentReference = struct(
  "v1.ParentReference",
  { name: objectName() },
  {
    group: group("gateway.networking.k8s.io"),
    kind: kind("Gateway").describe("Gateway, or Service for traffic inside the mesh."),
    namespace: namespace().describe("Namespace of the parent; the route's own by default."),
    sectionName: sectionName().describe("Name of the listener."),
    port: portNumber().describe("Port of the Gateway's listener or of the Service."),
  },
);

const backendFields = {
  group: group("").describe("Group of the back end; empty for a Service."),
  kind: kind("Service").describe("Kind of the back end; Service by default."),
  namespace: namespace().describe("Another namespace needs a ReferenceGrant there."),
  port: portNumber().describe("Port of the Service."),
};

/** True unless a Service is named without its port. */
export function hasPortForService(self: {
  group?: string | undefined;
  kind?: string | undefined;
  port?: number | undefined;
}): boolean {
  return self.group !== "" || self.kind !== "Service" || self.port !== undefined;
}

/** An object that takes requests: a Service by default. */
export const backendObjectReference = rules(
  struct("v1.BackendObjectReference", { name: objectName() }, backendFields),
  { message: "Must have port for Service reference", check: hasPortForService },
);

/** The fields of `backendObjectReference`, to extend. */
export const backendReferenceFields = backendFields;

import { type GatewayInput, gatewayGroup, type ListenerInput, matchesSelector } from "../input/gateway.ts";
import type { HttpRouteInput, ParentRefInput } from "../input/http-route.ts";
import type { World } from "../input/world.ts";
import { commonHostnames } from "./hostnames.ts";

/** Why a route is not taken by a Gateway, in Istio's words. */
export interface Refusal {
  readonly reason:
    | "NoMatchingParent"
    | "NoMatchingListenerHostname"
    | "NotAllowedByListeners"
    | "UnsupportedValue"
    | "Pending";
  readonly message: string;
}

/** A listener that takes a route, and the hostnames under which it serves it. */
export interface Attachment {
  readonly listener: ListenerInput;
  readonly hostnames: readonly string[];
}

/** The listeners of a Gateway that take a route by one of its parent references, or why none does. */
export function attach(
  route: HttpRouteInput,
  parent: ParentRefInput,
  gateway: GatewayInput,
  world: World,
): readonly Attachment[] | Refusal {
  const unsupported = route.rules.flatMap((rule) => rule.unsupported);
  if (unsupported.length > 0) {
    return { reason: "UnsupportedValue", message: `not supported by this gateway: ${unsupported.join(", ")}` };
  }
  const bySection = gateway.listeners.filter(({ name }) => parent.sectionName === "" || name === parent.sectionName);
  if (bySection.length === 0) {
    return { reason: "NoMatchingParent", message: `sectionName "${parent.sectionName}" not found` };
  }
  const byPort = bySection.filter((listener) => parent.port === 0 || listener.port === parent.port);
  if (byPort.length === 0) {
    return { reason: "NoMatchingParent", message: `port ${parent.port} not found` };
  }
  const byKind = byPort.filter(takesHttpRoutes);
  if (byKind.length === 0) {
    return { reason: "NotAllowedByListeners", message: `kind ${gatewayGroup}/HTTPRoute is not allowed` };
  }
  const matched = byKind.flatMap((listener) => {
    const hostnames = commonHostnames(listener.hostname, route.hostnames);
    return hostnames === undefined ? [] : [{ listener, hostnames }];
  });
  const [first] = byKind;
  if (matched.length === 0) {
    return {
      reason: "NoMatchingListenerHostname",
      message: `no hostnames matched parent hostname "${first?.hostname ?? ""}"`,
    };
  }
  const allowed = matched.filter(({ listener }) => allowsNamespace(listener, gateway, route.namespace, world));
  if (allowed.length === 0) {
    return {
      reason: "NotAllowedByListeners",
      message: `hostnames matched parent hostname "${matched[0]?.listener.hostname ?? ""}", but namespace "${route.namespace}" is not allowed by the parent`,
    };
  }
  return allowed;
}

/** Whether a listener can serve HTTPRoutes at all. */
export const takesHttpRoutes = (listener: ListenerInput): boolean =>
  listener.protocol === "HTTP" &&
  (listener.allowedKinds.length === 0 || listener.allowedKinds.includes(`${gatewayGroup}/HTTPRoute`));

function allowsNamespace(listener: ListenerInput, gateway: GatewayInput, namespace: string, world: World): boolean {
  switch (listener.allowedFrom) {
    case "All":
      return true;
    case "Same":
      return namespace === gateway.namespace;
    case "Selector":
      return (
        listener.allowedSelector !== undefined &&
        matchesSelector(listener.allowedSelector, world.namespaces.get(namespace)?.labels ?? {})
      );
    default:
      return false;
  }
}

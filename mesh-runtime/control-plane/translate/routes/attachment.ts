import { commonHostnames } from "../gateway/hostnames.ts";
import { type GatewayInput, gatewayGroup, type ListenerInput, matchesSelector } from "../input/gateway.ts";
import type { ParentRefInput, RouteInput, RouteKind } from "../input/route.ts";
import type { World } from "../input/world.ts";

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
  route: RouteInput,
  parent: ParentRefInput,
  gateway: GatewayInput,
  world: World,
): readonly Attachment[] | Refusal {
  const unsupported = unsupportedIn(route);
  if (unsupported !== undefined) {
    return unsupported;
  }
  const bySection = gateway.listeners.filter(({ name }) => parent.sectionName === "" || name === parent.sectionName);
  if (bySection.length === 0) {
    return { reason: "NoMatchingParent", message: `sectionName "${parent.sectionName}" not found` };
  }
  const byPort = bySection.filter((listener) => parent.port === 0 || listener.port === parent.port);
  if (byPort.length === 0) {
    return { reason: "NoMatchingParent", message: `port ${parent.port} not found` };
  }
  const byKind = byPort.filter((listener) => takesRoutes(listener, route.kind));
  if (byKind.length === 0) {
    return { reason: "NotAllowedByListeners", message: `kind ${gatewayGroup}/${route.kind} is not allowed` };
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

/** Whether a listener can serve routes of a kind at all. */
const takesRoutes = (listener: ListenerInput, kind: RouteKind): boolean =>
  speaksHttp(listener) &&
  (listener.allowedKinds.length === 0 || listener.allowedKinds.includes(`${gatewayGroup}/${kind}`));

/** Whether requests are read at the listener. */
export const speaksHttp = ({ protocol }: ListenerInput): boolean => protocol === "HTTP" || protocol === "HTTPS";

/** Fields that are written and not understood: the route is refused rather than done by half. */
export function unsupportedIn({ unsupported }: RouteInput): Refusal | undefined {
  return unsupported.length === 0
    ? undefined
    : { reason: "UnsupportedValue", message: `not supported: ${unsupported.slice(0, 16).join(", ")}` };
}

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

import { gatewayGroup } from "./gateway.ts";
import { fields, items, text, texts } from "./lenient.ts";

/** An object that a policy is attached to. Always of the policy's own namespace, but for a GatewayClass. */
export interface TargetRefInput {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** What a policy acts on: targets, or a selector, or neither (its namespace, or the mesh from the root namespace). */
export interface AttachmentInput {
  readonly targets: readonly TargetRefInput[];
  /** `undefined`: all workloads. */
  readonly selector: Readonly<Record<string, string>> | undefined;
}

/** Reads `targetRefs`, the older `targetRef` and `selector`. */
export function readAttachment(spec: Readonly<Record<string, unknown>>): AttachmentInput {
  const single = spec["targetRef"];
  const written = [...items(spec["targetRefs"]), ...(single === undefined || single === null ? [] : [single])];
  const selector = spec["selector"];
  return {
    targets: written.map(fields).map((target) => ({
      group: text(target["group"]),
      kind: text(target["kind"]),
      name: text(target["name"]),
    })),
    selector: selector === undefined || selector === null ? undefined : texts(fields(selector)["matchLabels"]),
  };
}

/** Whether a target is a Service (core group). */
export const isService = ({ group, kind }: TargetRefInput): boolean => group === "" && kind === "Service";

/** Whether a target is a Gateway, ingress or waypoint. */
export const isGateway = ({ group, kind }: TargetRefInput): boolean => group === gatewayGroup && kind === "Gateway";

/** Whether a target is a GatewayClass. */
export const isGatewayClass = ({ group, kind }: TargetRefInput): boolean =>
  group === gatewayGroup && kind === "GatewayClass";

import type { KindDefinition } from "../../api/kind.ts";
import type { KubeObject } from "../../api/meta.ts";
import { groups, type UserInfo } from "./user.ts";

const certificateType = "kubernetes.io/tls";

/**
 * Which objects of a kind a reader sees; undefined is all. The control plane hands certificates to gateways and needs no
 * other Secret, so lists and watches show it those of type `kubernetes.io/tls` and leave the rest out. Which of them a
 * Gateway refers to is its own business: a watch cannot follow references.
 */
export function visibleTo(
  user: UserInfo,
  { group, plural }: Pick<KindDefinition, "group" | "plural">,
): ((object: KubeObject) => boolean) | undefined {
  const isControlPlane = user.groups.includes(groups.controlPlane) && !user.groups.includes(groups.masters);
  return group === "" && plural === "secrets" && isControlPlane
    ? (object) => (object as { type?: string }).type === certificateType
    : undefined;
}

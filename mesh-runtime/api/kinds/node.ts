/** core/v1 Node: behaviour. */
import { type Node, nodeSchema } from "../node.ts";
import type { FieldError } from "../status.ts";
import { duplicate, forbidden, goText, invalid, required, supported } from "../validation/field-errors.ts";
import { isCidr, qualifiedName } from "../validation/names.ts";
import { ageColumn, column, nameColumn } from "./columns.ts";
import { nativeKind } from "./define.ts";

function validate(node: Node, old: Node | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, taint] of (node.spec?.taints ?? []).entries()) {
    const at = `spec.taints[${i}]`;
    errors.push(...qualifiedName(taint.key).map((text) => invalid(`${at}.key`, taint.key, text)));
    errors.push(
      ...(taint.effect
        ? supported(`${at}.effect`, taint.effect, ["NoExecute", "NoSchedule", "PreferNoSchedule"])
        : [required(`${at}.effect`)]),
    );
    const key = `${taint.key}:${taint.effect}`;
    if (seen.has(key)) {
      errors.push(duplicate(at, goText(JSON.stringify(key))));
    }
    seen.add(key);
  }
  for (const [i, cidr] of (node.spec?.podCIDRs ?? []).entries()) {
    if (!isCidr(cidr)) {
      errors.push(
        invalid(`spec.podCIDRs[${i}]`, cidr, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
      );
    }
  }
  const before = old?.spec?.podCIDR;
  if (before && node.spec?.podCIDR !== before) {
    errors.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  }
  return errors;
}

/** `Ready`, `NotReady,SchedulingDisabled`… */
function state(node: Node): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === "Ready")?.status;
  const text = ready === undefined ? "Unknown" : ready === "True" ? "Ready" : "NotReady";
  return node.spec?.unschedulable ? `${text},SchedulingDisabled` : text;
}

function roles(node: Node): string {
  const prefix = "node-role.kubernetes.io/";
  const names = Object.keys(node.metadata.labels ?? {})
    .filter((label) => label.startsWith(prefix))
    .map((label) => label.slice(prefix.length));
  return names.sort().join(",") || "<none>";
}

const address = (node: Node, type: string) =>
  node.status?.addresses?.find((entry) => entry.type === type)?.address ?? "<none>";
const info = (name: "kubeletVersion" | "osImage" | "kernelVersion" | "containerRuntimeVersion") => (node: Node) =>
  node.status?.nodeInfo?.[name] || "<unknown>";

export const nodeKind = nativeKind<Node>({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  shortNames: ["no"],
  namespaced: false,
  schema: nodeSchema,
  hasStatus: true,
  defaults: (node) => {
    const { podCIDR, podCIDRs } = node.spec ?? {};
    return podCIDR && !podCIDRs?.length ? { ...node, spec: { ...node.spec, podCIDRs: [podCIDR] } } : node;
  },
  validate,
  columns: [
    nameColumn,
    column("Status", state),
    column("Roles", roles),
    ageColumn,
    column("Version", info("kubeletVersion")),
    column("Internal-IP", (node: Node) => address(node, "InternalIP"), { priority: 1 }),
    column("External-IP", (node: Node) => address(node, "ExternalIP"), { priority: 1 }),
    column("OS-Image", info("osImage"), { priority: 1 }),
    column("Kernel-Version", info("kernelVersion"), { priority: 1 }),
    column("Container-Runtime", info("containerRuntimeVersion"), { priority: 1 }),
  ],
});

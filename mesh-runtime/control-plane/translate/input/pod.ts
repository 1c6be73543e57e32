import { fields, items, type Meta, port, readMeta, text } from "./lenient.ts";

/** What the mesh needs to know of a Pod. */
export interface PodInput extends Omit<Meta, "generation" | "createdAtMs" | "annotations"> {
  readonly node: string;
  readonly serviceAccount: string;
  readonly addresses: readonly string[];
  /** Succeeded and Failed pods are gone for the mesh. */
  readonly ended: boolean;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** Annotation `ambient.istio.io/redirection: enabled`: capture stands. */
  readonly captured: boolean;
  /** Named container ports, for named target ports. */
  readonly namedPorts: Readonly<Record<string, number>>;
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
}

/** Reads a Pod; fields that do not matter to the mesh are left out, so that their changes are no changes. */
export function readPod(object: unknown): PodInput {
  const { generation: _generation, createdAtMs: _createdAtMs, annotations, ...meta } = readMeta(object);
  const spec = fields(fields(object)["spec"]);
  const status = fields(fields(object)["status"]);
  const metadata = fields(fields(object)["metadata"]);
  const phase = text(status["phase"]);
  const owner = items(metadata["ownerReferences"])
    .map(fields)
    .find((reference) => reference["controller"] === true);
  return {
    ...meta,
    node: text(spec["nodeName"]),
    serviceAccount: text(spec["serviceAccountName"]) || "default",
    addresses: addressesOf(status),
    ended: phase === "Succeeded" || phase === "Failed",
    ready: items(status["conditions"])
      .map(fields)
      .some((condition) => condition["type"] === "Ready" && condition["status"] === "True"),
    terminating: text(metadata["deletionTimestamp"]) !== "",
    captured: annotations["ambient.istio.io/redirection"] === "enabled",
    namedPorts: namedPortsOf(spec),
    owner: owner === undefined ? undefined : { kind: text(owner["kind"]), name: text(owner["name"]) },
  };
}

function addressesOf(status: Readonly<Record<string, unknown>>): string[] {
  const all = items(status["podIPs"]).map((entry) => text(fields(entry)["ip"]));
  return [...new Set([text(status["podIP"]), ...all])].filter((address) => address !== "");
}

function namedPortsOf(spec: Readonly<Record<string, unknown>>): Record<string, number> {
  const named: Record<string, number> = {};
  for (const container of items(spec["containers"]).map(fields)) {
    for (const entry of items(container["ports"]).map(fields)) {
      const number = port(entry["containerPort"]);
      const name = text(entry["name"]);
      if (name !== "" && number !== 0 && !Object.hasOwn(named, name)) {
        named[name] = number;
      }
    }
  }
  return named;
}

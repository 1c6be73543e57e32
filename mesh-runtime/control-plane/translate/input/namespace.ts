import { fields, type Meta, readMeta, text } from "./lenient.ts";
import { trafficDistributionAnnotation } from "./service.ts";

/** What the mesh needs to know of a Namespace. */
export interface NamespaceInput {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Label `istio.io/dataplane-mode: ambient`: the wish to be in the mesh. */
  readonly enrolled: boolean;
  /** Annotation `networking.istio.io/traffic-distribution` for all Services in it; empty when it is not written. */
  readonly trafficDistributionWish: string;
}

/** Reads a Namespace. */
export function readNamespace(object: unknown): NamespaceInput {
  const { name, labels, annotations } = readMeta(object);
  return {
    name,
    labels,
    enrolled: labels["istio.io/dataplane-mode"] === "ambient",
    trafficDistributionWish: annotations[trafficDistributionAnnotation] ?? "",
  };
}

/** What the mesh needs to know of a Node. */
export interface NodeInput {
  readonly name: string;
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
}

/** Reads a Node's place (Kubernetes well-known labels; the subzone is Istio's). */
export function readNode(object: unknown): NodeInput {
  const { name, labels } = readMeta(object);
  return {
    name,
    region: labels["topology.kubernetes.io/region"] ?? "",
    zone: labels["topology.kubernetes.io/zone"] ?? "",
    subzone: labels["topology.istio.io/subzone"] ?? "",
  };
}

/** A GatewayClass and who serves it. */
export interface GatewayClassInput extends Pick<Meta, "name" | "generation" | "labels" | "annotations"> {
  readonly controllerName: string;
}

/** Reads a GatewayClass. */
export function readGatewayClass(object: unknown): GatewayClassInput {
  const { name, generation, labels, annotations } = readMeta(object);
  const controllerName = text(fields(fields(object)["spec"])["controllerName"]);
  return { name, generation, labels, annotations, controllerName };
}

/** One thing that can be wrong with the resources as they are. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { Finding, Prefilled } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Intent } from "@/server/golden-paths/intent.ts";
import { finding } from "@/server/golden-paths/path.ts";
import type { Inventory } from "@/server/inventory/model.ts";

/** A finding and the services that it is about, `<namespace>/<name>`; none: all of the object's namespace. */
export interface Found {
  readonly finding: Finding;
  readonly namespace: string;
  readonly services: readonly string[];
}

/** A rule whose end date has come and that is in force all the same. */
export interface OverdueEnd {
  readonly intent: Intent;
  readonly endUnixMs: number;
  /** Why taking it back failed last; empty when it was not tried yet. */
  readonly failure: string;
}

/** Facts that no object tells. */
export interface CheckedMesh {
  readonly inventory: Inventory;
  readonly target: "embedded" | "kubernetes";
  /** None when not said. */
  readonly overdue?: readonly OverdueEnd[];
}

export type Check = (mesh: CheckedMesh) => readonly Found[];

export type Located = Pick<KubeObject, "metadata">;

export const namespaceOf = ({ metadata }: Located): string => metadata?.namespace ?? "";
export const nameOf = ({ metadata }: Located): string => metadata?.name ?? "";

/** What is found at an object. Nothing here blocks applying: it is so already. */
export function at(
  kind: string,
  object: Located,
  code: Finding["code"],
  message: string,
  more: { readonly services?: readonly string[]; readonly path?: Prefilled; readonly level?: Finding["level"] } = {},
): Found {
  const { services = [], path, level = "warning" } = more;
  const namespace = namespaceOf(object);
  return {
    finding: finding(level, code, "", message, {
      place: `${kind} ${namespace === "" ? "" : `${namespace}/`}${nameOf(object)}`,
      ...(path === undefined ? {} : { path }),
    }),
    namespace,
    services,
  };
}

/** The path that gives a namespace a waypoint, filled in. */
export const giveAWaypoint = (namespace: string): Prefilled => ({
  slug: "give-a-waypoint",
  title: `Give ${namespace} a waypoint`,
  reason: "Rules about requests are enforced there",
  values: { namespaces: [namespace], given: true },
});

export const idOf = ({ namespace, name }: ServiceRef): string => `${namespace}/${name}`;

/** A Service object, those without selector too. */
export const serviceObject = (
  { objects }: Inventory,
  { namespace, name }: ServiceRef,
): Inventory["objects"]["services"][number] | undefined =>
  objects.services.find((one) => namespaceOf(one) === namespace && nameOf(one) === name);

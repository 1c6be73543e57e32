/** Routes on a service that somebody else wrote. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { meansService } from "./service-host.ts";

export interface ForeignRoute {
  readonly kind: "HTTPRoute" | "GRPCRoute" | "VirtualService";
  readonly name: string;
  /** `Kind namespace/name`. */
  readonly place: string;
  /** Some rule takes whatever comes. */
  readonly takesAll: boolean;
  /** Services that it sends to, `<namespace>/<name>`; only of routes of Gateway API. */
  readonly backends: readonly string[];
}

/** Whether an object is somebody else's. */
export const isForeign = ({ metadata }: Pick<KubeObject, "metadata">): boolean =>
  metadata?.labels?.[managedByLabel] !== managedByTowpath;

interface AnyMatch {
  readonly path?: { readonly type?: string | undefined; readonly value?: string | undefined } | undefined;
  readonly headers?: readonly unknown[] | undefined;
  readonly queryParams?: readonly unknown[] | undefined;
  readonly method?: unknown;
}
interface AnyRule {
  readonly matches?: readonly AnyMatch[] | undefined;
  readonly backendRefs?: readonly BackendReference[] | undefined;
}
interface BackendReference {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly weight?: number | undefined;
}

const isEverything = ({ path, headers = [], queryParams = [], method }: AnyMatch): boolean =>
  (path?.type ?? "PathPrefix") === "PathPrefix" &&
  (path?.value ?? "/") === "/" &&
  headers.length + queryParams.length === 0 &&
  method === undefined;

const takesAll = (rules: readonly AnyRule[]): boolean =>
  rules.some(({ matches = [] }) => matches.length === 0 || matches.some(isEverything));

/** Those that could act: routes elsewhere than in the service's namespace have no effect at waypoints. */
export function foreignRoutes({ objects }: Inventory, service: ServiceRef): ForeignRoute[] {
  const { namespace } = service;
  const routes = (["HTTPRoute", "GRPCRoute"] as const).flatMap((kind) =>
    (kind === "HTTPRoute" ? objects.routes : objects.grpcRoutes)
      .filter((route) => route.metadata.namespace === namespace && isForeign(route))
      .filter(({ spec }) =>
        (spec.parentRefs ?? []).some(
          (parent) =>
            parent.kind === "Service" &&
            (parent.group ?? "") === "" &&
            parent.name === service.name &&
            (parent.namespace ?? namespace) === namespace,
        ),
      )
      .map((route): ForeignRoute => {
        const rules: readonly AnyRule[] = route.spec.rules ?? [];
        const backends = rules
          .flatMap(({ backendRefs = [] }) => backendRefs)
          .filter(({ weight = 1 }) => weight > 0)
          .map((backend) => `${backend.namespace ?? namespace}/${backend.name}`);
        return { ...identity(kind, route), takesAll: takesAll(rules), backends: [...new Set(backends)] };
      }),
  );
  const virtual = objects.virtualServices
    .filter((object) => object.metadata.namespace === namespace && isForeign(object))
    .filter(({ spec }) => (spec?.gateways ?? ["mesh"]).includes("mesh") && (spec?.http ?? []).length > 0)
    .filter(({ spec }) => (spec?.hosts ?? []).some((host) => meansService(host.toLowerCase(), namespace, service)))
    .map(
      (object): ForeignRoute => ({
        ...identity("VirtualService", object),
        takesAll: (object.spec?.http ?? []).some(({ match = [] }) => match.length === 0),
        backends: [],
      }),
    );
  return [...routes, ...virtual];
}

function identity<K extends ForeignRoute["kind"]>(kind: K, { metadata }: Pick<KubeObject, "metadata">) {
  const name = metadata?.name ?? "";
  return { kind, name, place: `${kind} ${metadata?.namespace ?? ""}/${name}` };
}

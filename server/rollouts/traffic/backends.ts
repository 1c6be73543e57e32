import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Rendered } from "@/server/golden-paths/resource.ts";

interface Spec {
  readonly rules?: readonly {
    readonly backendRefs?: readonly { readonly name: string; readonly namespace?: string; readonly weight?: number }[];
  }[];
  readonly http?: readonly {
    readonly route?: readonly { readonly destination: { readonly host: string }; readonly weight?: number }[];
  }[];
}

/** Services that a rendered route sends calls to, each once. Pure. */
export function sentTo({ metadata, spec }: Rendered): ServiceRef[] {
  const home = metadata.namespace ?? "";
  const { rules = [], http = [] } = (spec ?? {}) as Spec;
  const backends = rules
    .flatMap(({ backendRefs = [] }) => backendRefs)
    .map(({ name, namespace = home, weight = 1 }) => ({ namespace, name, weight }));
  const destinations = http
    .flatMap(({ route = [] }) => route)
    .map(({ destination: { host }, weight = 1 }) => {
      const [name = "", namespace = home] = host.split(".");
      return { namespace, name, weight };
    });
  const sent = [...backends, ...destinations].filter(({ weight }) => weight > 0);
  return [
    ...new Map(sent.map(({ namespace, name }) => [`${namespace}/${name}`, { namespace, name }] as const)).values(),
  ];
}

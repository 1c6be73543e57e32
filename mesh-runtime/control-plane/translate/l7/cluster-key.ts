import type { L7Filter, L7Route } from "../../../xds/proxy-config.ts";

/** Names a cluster: a port of a service, or of one of its subsets. */
export interface ClusterRef {
  /** `<namespace>/<hostname>` */
  readonly service: string;
  readonly port: number;
  /** Empty: the whole service. */
  readonly subset: string;
}

/** Key of a cluster: `<namespace>/<hostname>|<port>|<subset>`. */
export const clusterKey = ({ service, port, subset }: ClusterRef): string => `${service}|${port}|${subset}`;

/** The reference behind a key; `undefined` for what is none. */
export function clusterRef(key: string): ClusterRef | undefined {
  const [service = "", port = "", subset, ...rest] = key.split("|");
  const number = Number(port);
  return service === "" || subset === undefined || rest.length > 0 || !Number.isInteger(number) || number < 1
    ? undefined
    : { service, port: number, subset };
}

/** All clusters that routes send to or copy to, each once, in order of appearance. */
export function clusterRefsOf(routes: readonly L7Route[]): readonly ClusterRef[] {
  const keys = new Set<string>();
  const mirrors = (filters: readonly L7Filter[]): void => {
    for (const filter of filters) {
      if (filter.kind === "mirror") {
        keys.add(filter.cluster);
      }
    }
  };
  for (const { rules } of routes) {
    for (const { backends, filters } of rules) {
      mirrors(filters);
      for (const backend of backends) {
        keys.add(backend.cluster);
      }
    }
  }
  return [...keys].flatMap((key) => clusterRef(key) ?? []);
}

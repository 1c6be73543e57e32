/** One request by somebody who calls the service anyway. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService } from "@/server/inventory/model.ts";
import type { PathContext } from "../path.ts";
import type { Probe, ProbeExpectation } from "../probe.ts";
import { httpPortsOf } from "./http-ports.ts";

/** GET on a path that answers without errors, else on `/`; templates stand for many paths and are none. */
export function seenPath(service: ServiceRef, traffic: PathContext["traffic"]): string {
  const seen = traffic
    .paths(service)
    .find(({ method, path, errors }) => method === "GET" && errors === 0 && /^\/[^{}*?#\s]*$/.test(path));
  return seen?.path ?? "/";
}

export interface ProbeOptions {
  readonly headers?: Probe["headers"];
  readonly expect?: ProbeExpectation;
}

/** Empty when nobody in the mesh was seen calling the service. */
export function serviceProbe(service: ServiceRef, context: PathContext, options: ProbeOptions = {}): Probe[] {
  const { inventory, traffic } = context;
  const [port] = httpPortsOf(inventory, service);
  const callers = traffic.calls
    .filter(({ to, from }) => same(to, service) && !same(from, service))
    .toSorted((one, other) => other.requests - one.requests);
  const workload = callers
    .flatMap(({ from }) => findService(inventory, from)?.pods ?? [])
    .find(({ captured, proxy, ready }) => captured && ready && !proxy);
  if (port === undefined || workload === undefined) {
    return [];
  }
  const { headers = [], expect = { kind: "reaches" } } = options;
  const path = seenPath(service, traffic);
  const naming = headers.length === 0 ? "" : ` with ${headers.map(({ name }) => name).join(", ")}`;
  return [
    {
      source: { kind: "workload", namespace: workload.namespace, workload: workload.workload },
      method: "GET",
      url: `http://${service.name}.${service.namespace}:${port}${path}`,
      headers,
      expect,
      sentence: `as ${workload.workload}: GET ${path}${naming}`,
    },
  ];
}

const same = (one: ServiceRef, other: ServiceRef): boolean =>
  one.namespace === other.namespace && one.name === other.name;

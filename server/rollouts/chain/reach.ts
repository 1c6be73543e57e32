/** Command lines that reach the canary whatever its share. Pure. */
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { type TryRequest, tryRequest } from "@/server/contracts/try-it.ts";
import { tryRequestHref } from "@/server/contracts/try-request-href.ts";
import type { TrafficInsight } from "@/server/golden-paths/insight.ts";
import { httpPortsOf } from "@/server/golden-paths/service-routes/http-ports.ts";
import { seenPath } from "@/server/golden-paths/service-routes/service-probe.ts";
import { findService, type Inventory, type InventoryPod } from "@/server/inventory/model.ts";
import { commandLine } from "@/server/try-it/command-line.ts";
import type { ChainPort } from "../ports.ts";
import { leadingHeaderOf } from "./leading-header.ts";
import { type Way, waysTo } from "./ways.ts";

type Line = ReturnType<ChainPort["reach"]>[number];
type Header = TryRequest["headers"][number];

const linesMax = 6;

export function linesTo(spec: RolloutSpec, inventory: Inventory, traffic: TrafficInsight, gatewayUrl: string): Line[] {
  const headers = spec.match.flatMap((match) => {
    const leading = leadingHeaderOf(match);
    return leading === undefined ? [] : [{ name: leading.name, value: leading.value }];
  });
  const outside = gatewayUrl === "" ? [] : outsideLines(spec, headers, waysTo(spec.service, inventory, traffic));
  return [...outside, ...insideLines(spec, headers, inventory, traffic)]
    .flatMap(({ title, request }) => line(title, request, gatewayUrl))
    .slice(0, linesMax);
}

interface Reaching {
  readonly title: string;
  readonly request: Pick<TryRequest, "source" | "url" | "headers">;
}

function outsideLines({ preview }: RolloutSpec, headers: readonly Header[], ways: readonly Way[]): Reaching[] {
  const source = { kind: "outside" } as const;
  return [
    ...ways.flatMap(({ host, path, services }) =>
      headers.map((header) => ({
        title: `From outside, ${services.length === 1 ? "straight from the gateway" : `through ${between(services)}`}`,
        request: { source, url: `http://${host}${path}`, headers: [header] },
      })),
    ),
    ...(preview === null
      ? []
      : [{ title: "By a host of its own", request: { source, url: `http://${preview.host}/`, headers: [] } }]),
  ];
}

const between = (services: Way["services"]): string =>
  services
    .slice(0, -1)
    .map(({ name }) => name)
    .join(" and ");

function insideLines(
  { service, match }: RolloutSpec,
  headers: readonly Header[],
  inventory: Inventory,
  traffic: TrafficInsight,
): Reaching[] {
  const [port] = httpPortsOf(inventory, service);
  if (port === undefined) {
    return [];
  }
  const path = seenPath(service, traffic);
  const url = `http://${service.name}.${service.namespace}${port === 80 ? "" : `:${port}`}${path}`;
  const by = (
    pod: InventoryPod | undefined,
    sent: readonly Header[],
    title: (workload: string) => string,
  ): Reaching[] =>
    pod === undefined
      ? []
      : [
          {
            title: title(pod.workload),
            request: {
              source: { kind: "workload", namespace: pod.namespace, workload: pod.workload },
              url,
              headers: [...sent],
            },
          },
        ];
  const [header] = headers;
  return [
    ...(header === undefined
      ? []
      : by(callerOf(service, inventory, traffic), [header], (one) => `From inside, as ${one}`)),
    ...match.flatMap((one) =>
      one.by === "caller"
        ? by(
            inventory.pods.find((pod) => pod.namespace === one.namespace && pod.serviceAccount === one.serviceAccount),
            [],
            (workload) => `As ${workload}, whose calls get it always`,
          )
        : [],
    ),
  ];
}

/** A pod of whoever calls it most. */
function callerOf(
  service: RolloutSpec["service"],
  inventory: Inventory,
  traffic: TrafficInsight,
): InventoryPod | undefined {
  return traffic.calls
    .filter(({ to, from }) => isSame(to, service) && !isSame(from, service))
    .toSorted((one, other) => other.requests - one.requests)
    .flatMap(({ from }) => findService(inventory, from)?.pods ?? [])
    .find(({ captured, proxy, ready }) => captured && ready && !proxy);
}

const isSame = (one: RolloutSpec["service"], other: RolloutSpec["service"]): boolean =>
  one.namespace === other.namespace && one.name === other.name;

function line(title: string, request: Reaching["request"], gatewayUrl: string): Line[] {
  const parsed = tryRequest.safeParse(request);
  return parsed.success
    ? [{ title, command: commandLine(parsed.data, gatewayUrl), tryHref: tryRequestHref(request) }]
    : [];
}

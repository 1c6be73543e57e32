/** What istiod's webhook says of where a VirtualService sends requests. */
import { subsetNameProblem } from "./admit-destination-rule.ts";
import { admitHeaders } from "./admit-http-headers.ts";
import type { VirtualServiceHttpDestination } from "./http-rule.ts";
import { portProblem, wildcardDomainProblem } from "./names.ts";
import type { Report } from "./report.ts";
import type { Destination } from "./string-match.ts";

export function admitDestination({ host, subset, port }: Destination, report: Report): void {
  report.refuse(host === "*" ? `invalid destination host ${host}` : wildcardDomainProblem(host));
  if (subset) {
    report.refuse(subsetNameProblem(subset));
  }
  if (port !== undefined) {
    report.refuse(portProblem(port.number ?? 0));
  }
}

/** Destinations of HTTP, TLS or TCP. Weights need not add up to anything but more than nothing. */
export function admitDestinations(
  destinations: readonly Pick<VirtualServiceHttpDestination, "destination" | "weight" | "headers">[],
  report: Report,
): void {
  let total = 0;
  for (const { destination, weight = 0, headers } of destinations) {
    admitHeaders(headers, report);
    admitDestination(destination, report);
    report.refuse(weight < 0 ? `weight ${weight} < 0` : undefined);
    total += weight;
  }
  if (destinations.length > 1 && total === 0) {
    report.refuse("total destination weight = 0");
  }
}

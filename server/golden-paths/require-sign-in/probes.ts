/** A request without a token, which must be refused. Pure. */
import type { RequireSignInForm } from "@/server/contracts/golden-paths/access.ts";
import { findService } from "@/server/inventory/model.ts";
import { outcomeOf } from "../access/outcome.ts";
import { matchesPath } from "../access/path-pattern.ts";
import { othersOf, probeOf, probePort, workloadOf } from "../access/probe-requests.ts";
import { sampleOf } from "../access/sample-request.ts";
import { type IntentChange, intentsOfService } from "../intent.ts";
import type { PathContext } from "../path.ts";
import type { Probe } from "../probe.ts";

/** As somebody whom only the missing token keeps out; where a path is open, one request there too. */
export function signInProbes(form: RequireSignInForm, changes: readonly IntentChange[], context: PathContext): Probe[] {
  const { inventory, traffic, current } = context;
  const service = findService(inventory, form.service);
  const port = probePort(form.service, service?.ports.map((one) => one.port) ?? [], inventory);
  if (service === undefined || port === undefined) {
    return [];
  }
  const outcome = outcomeOf(changes, context);
  const rules = intentsOfService(current, form.service).flatMap((one) =>
    one.slug === "let-a-caller-in" ? one.requests : [],
  );
  const requests = [undefined, ...rules]
    .map((rule) => sampleOf(rule, traffic.paths(form.service)))
    .filter(({ path }) => !form.openPaths.some((open) => matchesPath(open, path)));
  for (const caller of othersOf(inventory, service)) {
    const source = workloadOf(inventory, caller);
    const request = requests.find(
      (one) =>
        outcome.request(service, caller, port, one, "signed-in").allowed &&
        !outcome.request(service, caller, port, one, "none").allowed,
    );
    if (source !== undefined && request !== undefined) {
      const probe = probeOf(source, form.service, port, request, { kind: "refused" }, "without a token");
      return probe === undefined ? [] : [probe];
    }
  }
  return [];
}

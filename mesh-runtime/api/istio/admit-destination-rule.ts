/** What istiod's webhook `validation.istio.io` says of a DestinationRule. */
import type { DestinationRule } from "../destinationrule.ts";
import type { AdmissionVerdict } from "../kind.ts";
import { undecodable } from "./admit-durations.ts";
import { admitSelection } from "./admit-selection.ts";
import { admitTrafficPolicy } from "./admit-traffic-policy.ts";
import { exportProblems, isDnsLabel, labelProblems, wildcardDomainProblem } from "./names.ts";
import { Report } from "./report.ts";
import type { TrafficPolicy } from "./traffic-policy.ts";

export function admitDestinationRule(rule: DestinationRule): AdmissionVerdict {
  const spec = rule.spec ?? { host: "" };
  const { trafficPolicy, subsets = [], exportTo, workloadSelector } = spec;
  const unread = undecodable(
    [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].flatMap(uncheckedDurations),
  );
  if (unread !== undefined) {
    return { warnings: [], refusal: unread };
  }
  const report = new Report();
  report.refuse(wildcardDomainProblem(spec.host));
  admitTrafficPolicy(trafficPolicy, report);
  const seen = new Set<string>();
  for (const subset of subsets) {
    if (seen.has(subset.name)) {
      report.refuse(`duplicate subset names: ${subset.name}`);
    }
    seen.add(subset.name);
    report.refuse(subsetNameProblem(subset.name));
    for (const problem of labelProblems(subset.labels)) {
      report.refuseListed(problem);
    }
    const part = new Report();
    admitTrafficPolicy(subset.trafficPolicy, part);
    report.addErrors(part);
  }
  const kind = workloadSelector === undefined ? "other" : "selecting DestinationRule";
  for (const problem of exportProblems(rule.metadata.namespace ?? "", exportTo, kind)) {
    report.refuse(problem);
  }
  admitSelection({ selector: workloadSelector }, report);
  return report.verdict();
}

/** The name of a subset, where it is declared and where it is used. */
export function subsetNameProblem(name: string): string | undefined {
  if (name === "") {
    return "subset name cannot be empty";
  }
  return isDnsLabel(name) ? undefined : `subset name is invalid: ${name}`;
}

/** Durations for which the CRD has no rule. */
function uncheckedDurations(policy: TrafficPolicy | undefined): (string | undefined)[] {
  return [policy, ...(policy?.portLevelSettings ?? [])].flatMap((settings) => [
    settings?.connectionPool?.tcp?.idleTimeout,
    settings?.loadBalancer?.consistentHash?.httpCookie?.ttl,
  ]);
}

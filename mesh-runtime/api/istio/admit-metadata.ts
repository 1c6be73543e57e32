/** What istiod's webhook says of annotations, before it looks at the rest. */
import type { AdmissionVerdict } from "../kind.ts";
import type { KubeObject } from "../meta.ts";

const dryRun = "istio.io/dry-run";
const reserved = ["internal.istio.io/parents", "internal.istio.io/parent-namespace"];
/** What Go's `strconv.ParseBool` reads. */
const booleans = new Set(["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"]);

/** Puts the checks of metadata in front of a kind's own. */
export function withMetadataChecks<T extends KubeObject>(
  admit: (object: T) => AdmissionVerdict,
): (object: T) => AdmissionVerdict {
  return (object) => {
    const problem = metadataProblem(object);
    return problem === undefined ? admit(object) : { warnings: [], refusal: `configuration is invalid: ${problem}` };
  };
}

function metadataProblem(object: KubeObject): string | undefined {
  const annotations = new Map(Object.entries(object.metadata?.annotations ?? {}));
  const wish = annotations.get(dryRun);
  const problem = wish === undefined ? undefined : dryRunProblem(object, wish);
  if (problem !== undefined) {
    return problem;
  }
  if (annotations.has("internal.istio.io/webhook-always-reject")) {
    return '"internal.istio.io/webhook-always-reject" annotation found, rejecting';
  }
  const taken = reserved.find((name) => annotations.has(name));
  return taken === undefined ? undefined : `${JSON.stringify(taken)} annotation found, this may not be set by users`;
}

/** Only ALLOW and DENY of an AuthorizationPolicy can be tried without effect. */
function dryRunProblem(object: KubeObject, wish: string): string | undefined {
  const { kind, metadata } = object;
  const where = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
  if (kind !== "AuthorizationPolicy") {
    return `${where} has unsupported annotation ${dryRun}, please remove the annotation`;
  }
  const action = (object as { spec?: { action?: string } }).spec?.action ?? "ALLOW";
  if (action !== "ALLOW" && action !== "DENY") {
    return `the annotation ${dryRun} currently only supports action ALLOW/DENY, found action ${action} in ${where}`;
  }
  return booleans.has(wish)
    ? undefined
    : `${where} has annotation ${dryRun} with invalid value (${wish}): strconv.ParseBool: parsing ${JSON.stringify(wish)}: invalid syntax`;
}

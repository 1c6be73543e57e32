/** Whether calls can be told apart by what was asked for. Pure. */
import type { ReleaseAVersionForm, ReleaseMatch } from "@/server/contracts/golden-paths/release.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { identitiesOf } from "@/server/inventory/model.ts";
import { finding, type PathContext } from "../path.ts";
import { isGrpcOnly } from "../service-routes/http-ports.ts";
import { clientCertHeader } from "../service-routes/released.ts";
import { isKubernetes } from "../target.ts";

type Form = ReleaseAVersionForm;

/** Headers that a proxy writes itself, whatever a caller sent. */
const rewritten = new Set([
  clientCertHeader,
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-request-id",
  "traceparent",
  "host",
  "connection",
  "upgrade",
  "te",
  "transfer-encoding",
  "content-length",
]);

export const matchFindings = ({ match }: Form, context: PathContext): Finding[] =>
  match.flatMap((one, index) => {
    const field = `match.${index}`;
    if (match.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) < index) {
      return [finding("info", "rule-without-effect", field, "This is named above already.")];
    }
    return one.by === "header"
      ? headerFindings(one.name, `${field}.name`)
      : one.by === "caller"
        ? callerFindings(one, field, context)
        : [];
  });

function headerFindings(name: string, field: string): Finding[] {
  if (!rewritten.has(name)) {
    return [];
  }
  const message = `${name} is written or used up on the way: what a caller sends there is not what arrives. Choose a header of your own, such as x-canary.`;
  return [finding("error", "value-never-matches", field, message)];
}

function callerFindings(
  { namespace, serviceAccount }: Extract<ReleaseMatch, { by: "caller" }>,
  field: string,
  { inventory }: PathContext,
): Finding[] {
  if (isKubernetes(inventory)) {
    const message =
      "On this cluster a proxy chooses the version before it knows whose call it is: callers cannot be told apart there. Name a header or a cookie.";
    return [finding("error", "not-on-this-target", field, message)];
  }
  const known = identitiesOf(inventory).find(
    (one) => one.namespace === namespace && one.serviceAccount === serviceAccount,
  );
  if (known === undefined) {
    const message = `Nobody runs as ${namespace}/${serviceAccount} now: no call is led to the new version by that.`;
    return [finding("warning", "unknown-caller", field, message)];
  }
  const message = `${namespace}/${serviceAccount} is not in the mesh: its calls prove no identity, and are shared like all others.`;
  return known.enrolled ? [] : [finding("warning", "caller-not-enrolled", field, message)];
}

export function stickyFindings({ service, sticky }: Form, { inventory }: PathContext): Finding[] {
  if (sticky === null) {
    return [];
  }
  const message = isGrpcOnly(inventory, service)
    ? `${service.name} speaks gRPC alone, where callers do not keep cookies: nobody would keep a version.`
    : "Only callers that keep cookies keep their version: browsers do, most services do not.";
  const level = isGrpcOnly(inventory, service) ? "warning" : "info";
  return [finding(level, level === "info" ? "condition-means-nothing" : "rule-without-effect", "sticky", message)];
}

/** What a person can do about a refusal that no form repairs. Pure. */
import type { DenialGroup } from "@/server/contracts/denials.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";

type NextStep = DenialGroup["nextStep"];

const editCommand = ({ apiVersion, kind, namespace, name }: ResourceRef): string =>
  `kubectl -n ${namespace} edit ${kind.toLowerCase()}.${apiVersion.split("/")[0] ?? ""} ${name}`;

/** null where the reason is no policy's. What golden paths wrote (`ours`) is changed by their forms, not by hand. */
export function nextStepFor(
  identity: Pick<DenialIdentity, "reason" | "attribute" | "rule" | "hop" | "method" | "path" | "host">,
  policy: ResourceRef | null,
  ours: boolean,
  attributeName: string,
  service: { readonly name: string; readonly namespace: string; readonly waypoint: string },
): NextStep {
  if (identity.hop === "agent" && identity.reason === "no-allow-policy-matched" && service.waypoint !== "") {
    return {
      text: `Call ${service.name}.${service.namespace} by its name, so that the call goes through waypoint ${service.waypoint}; its pods take nobody else.`,
      command: "",
    };
  }
  if (policy === null || identity.hop === "agent") {
    return null;
  }
  const name = `${policy.namespace}/${policy.name}`;
  const rule = ours ? "the rule" : identity.rule < 0 ? `a rule of ${name}` : `rule ${identity.rule + 1} of ${name}`;
  const command = ours ? "" : editCommand(policy);
  const step = (text: string): NextStep => ({ text, command });
  switch (identity.reason) {
    case "no-allow-policy-matched":
      return step(allowing(identity, attributeName, rule));
    case "denied-by-policy":
      return step(
        `If this call is right, narrow ${rule} so that it does not match it; a deny goes before every allow.`,
      );
    case "token-invalid":
      return step(
        `Send a token that ${name} accepts: its issuer, an audience it names, not expired, signed with a key of its key set.`,
      );
    case "refused-by-authorizer":
      return step(
        `Ask the owner of the authorizer ${identity.attribute} why; ${name} says which requests it is asked about.`,
      );
    case "authorizer-unavailable":
      return step(
        `See whether the authorizer ${identity.attribute} runs and answers in time; until then ${name} refuses.`,
      );
    case "rate-limited":
      return step(`Wait as long as retry-after says, or raise the limit of ${name}.`);
    default:
      return null;
  }
}

function allowing(
  { attribute, method, path, host }: Pick<DenialIdentity, "attribute" | "method" | "path" | "host">,
  attributeName: string,
  rule: string,
): string {
  switch (attribute) {
    case "request.method":
      return `If ${method} is right here, add it to the methods of ${rule}.`;
    case "request.path":
      return `If ${path} is right here, add it to the paths of ${rule}.`;
    case "request.host":
      return `If ${host} is right here, add it to the hosts of ${rule}.`;
    case "request.header":
      return `Send the header ${attributeName} as ${rule} asks, or change the rule.`;
    case "request.auth.claims":
      return `Use a token whose claim ${attributeName} has a value that ${rule} names.`;
    case "request.auth.principal":
      return `Send a token of a user whom ${rule} names; without one nobody is signed in.`;
    default:
      return attribute.startsWith("source.")
        ? `If this caller may come in, add its identity to ${rule}.`
        : `Change ${rule} so that it matches this request.`;
  }
}

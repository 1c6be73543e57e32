/** towpath.dev RateLimitPolicy: behaviour. */
import { type RateLimit, type RateLimitPolicy, rateLimitPolicySchema } from "../ratelimitpolicy.ts";
import { column, conditionStatus, customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

/** `10/1s`, `100/1m per Identity`, `5/1s per x-api-key`. */
function limitText(limit: RateLimit): string {
  const apart = limit.per === "Header" ? limit.header : limit.per;
  return `${limit.requests}/${limit.interval}${apart === undefined || apart === "Total" ? "" : ` per ${apart}`}`;
}

export const rateLimitPolicyKind = customKind<RateLimitPolicy>({
  group: "towpath.dev",
  version: "v1alpha1",
  served: ["v1alpha1"],
  kind: "RateLimitPolicy",
  plural: "ratelimitpolicies",
  shortNames: ["rlp"],
  categories: ["towpath"],
  schema: rateLimitPolicySchema,
  hasStatus: true,
  columns: [
    nameColumn,
    column(
      "Targets",
      (policy: RateLimitPolicy) => (policy.spec.targetRefs ?? []).map(({ kind, name }) => `${kind}/${name}`).join(","),
      { description: "What is limited." },
    ),
    column("Limits", (policy: RateLimitPolicy) => (policy.spec.limits ?? []).map(limitText).join(","), {
      description: "Requests per interval.",
    }),
    column("Accepted", (policy: RateLimitPolicy) => conditionStatus(policy.status?.conditions, "Accepted"), {
      description: "Whether the control plane takes the policy.",
    }),
    customAgeColumn,
  ],
});

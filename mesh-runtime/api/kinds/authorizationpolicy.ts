/** security.istio.io AuthorizationPolicy: behaviour. */
import { type AuthorizationPolicy, authorizationPolicySchema } from "../authorizationpolicy.ts";
import { admitAuthorizationPolicy } from "../istio/admit-authorization-policy.ts";
import { withMetadataChecks } from "../istio/admit-metadata.ts";
import { column, customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const authorizationPolicyKind = customKind<AuthorizationPolicy>({
  group: "security.istio.io",
  version: "v1",
  served: ["v1", "v1beta1"],
  kind: "AuthorizationPolicy",
  plural: "authorizationpolicies",
  shortNames: ["ap"],
  categories: ["istio-io", "security-istio-io"],
  schema: authorizationPolicySchema,
  hasStatus: true,
  admit: withMetadataChecks(admitAuthorizationPolicy),
  columns: [
    nameColumn,
    column("Action", (policy: AuthorizationPolicy) => policy.spec?.action ?? "", {
      description: "The operation to take.",
    }),
    customAgeColumn,
  ],
});

/** networking.istio.io DestinationRule: behaviour. */
import { type DestinationRule, destinationRuleSchema } from "../destinationrule.ts";
import { admitDestinationRule } from "../istio/admit-destination-rule.ts";
import { withMetadataChecks } from "../istio/admit-metadata.ts";
import { column, customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const destinationRuleKind = customKind<DestinationRule>({
  group: "networking.istio.io",
  version: "v1",
  served: ["v1", "v1beta1", "v1alpha3"],
  kind: "DestinationRule",
  plural: "destinationrules",
  shortNames: ["dr"],
  categories: ["istio-io", "networking-istio-io"],
  schema: destinationRuleSchema,
  hasStatus: true,
  admit: withMetadataChecks(admitDestinationRule),
  columns: [
    nameColumn,
    column("Host", (rule: DestinationRule) => rule.spec?.host ?? "", {
      description: "The name of a service from the service registry.",
    }),
    customAgeColumn,
  ],
});

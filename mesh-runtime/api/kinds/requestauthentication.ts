/** security.istio.io RequestAuthentication: behaviour. */

import { withMetadataChecks } from "../istio/admit-metadata.ts";
import { admitRequestAuthentication } from "../istio/admit-request-authentication.ts";
import { type RequestAuthentication, requestAuthenticationSchema } from "../requestauthentication.ts";
import { customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const requestAuthenticationKind = customKind<RequestAuthentication>({
  group: "security.istio.io",
  version: "v1",
  served: ["v1", "v1beta1"],
  kind: "RequestAuthentication",
  plural: "requestauthentications",
  shortNames: ["ra"],
  categories: ["istio-io", "security-istio-io"],
  schema: requestAuthenticationSchema,
  hasStatus: true,
  admit: withMetadataChecks(admitRequestAuthentication),
  columns: [nameColumn, customAgeColumn],
});

/** security.istio.io PeerAuthentication: behaviour. The webhook adds to the schema's rules what it says of any metadata. */

import { withMetadataChecks } from "../istio/admit-metadata.ts";
import { type PeerAuthentication, peerAuthenticationSchema } from "../peerauthentication.ts";
import { column, customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const peerAuthenticationKind = customKind<PeerAuthentication>({
  group: "security.istio.io",
  version: "v1",
  served: ["v1", "v1beta1"],
  kind: "PeerAuthentication",
  plural: "peerauthentications",
  shortNames: ["pa"],
  categories: ["istio-io", "security-istio-io"],
  schema: peerAuthenticationSchema,
  hasStatus: true,
  admit: withMetadataChecks(() => ({ warnings: [] })),
  columns: [
    nameColumn,
    column("Mode", (policy: PeerAuthentication) => policy.spec?.mtls?.mode ?? "", {
      description: "Defines the mTLS mode used for peer authentication.",
    }),
    customAgeColumn,
  ],
});

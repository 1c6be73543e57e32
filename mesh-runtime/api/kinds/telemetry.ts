/** telemetry.istio.io Telemetry: behaviour. */

import { withMetadataChecks } from "../istio/admit-metadata.ts";
import { admitTelemetry } from "../istio/admit-telemetry.ts";
import { type IstioTelemetry, istioTelemetrySchema } from "../istio-telemetry.ts";
import { customAgeColumn, nameColumn } from "./columns.ts";
import { customKind } from "./define.ts";

export const telemetryKind = customKind<IstioTelemetry>({
  group: "telemetry.istio.io",
  version: "v1",
  served: ["v1", "v1alpha1"],
  kind: "Telemetry",
  plural: "telemetries",
  shortNames: ["telemetry"],
  categories: ["istio-io", "telemetry-istio-io"],
  schema: istioTelemetrySchema,
  hasStatus: true,
  admit: withMetadataChecks(admitTelemetry),
  columns: [nameColumn, customAgeColumn],
});

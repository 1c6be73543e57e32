/**
 * What istiod's webhook `validation.istio.io` says of a Telemetry. Expressions of access log filters are not parsed
 * here.
 */
import type { IstioTelemetry } from "../istio-telemetry.ts";
import type { AdmissionVerdict } from "../kind.ts";
import { admitSelection } from "./admit-selection.ts";
import { Report } from "./report.ts";

export function admitTelemetry(telemetry: IstioTelemetry): AdmissionVerdict {
  const { tracing = [], metrics = [], ...selection } = telemetry.spec ?? {};
  const report = new Report();
  admitSelection(selection, report);
  for (const { overrides = [] } of metrics) {
    for (const name of overrides.flatMap((override) => Object.keys(override.tagOverrides ?? {}))) {
      if (name === "") {
        report.warn("tagOverrides.name may not be empty");
      }
    }
    for (const { operation, value = "" } of overrides.flatMap((override) =>
      Object.values(override.tagOverrides ?? {}),
    )) {
      // An operation that is not named is UPSERT.
      if ((operation ?? "UPSERT") === "UPSERT" && value === "") {
        report.refuse("tagOverrides.value must be set when operation is UPSERT");
      }
    }
  }
  if (tracing.length > 1) {
    report.warn("multiple tracing is not currently supported");
  }
  for (const { providers = [], customTags = {} } of tracing) {
    if (providers.length > 1) {
      report.warn("multiple providers is not currently supported");
    }
    if (Object.hasOwn(customTags, "")) {
      report.refuse("tag name may not be empty");
    }
  }
  return report.verdict();
}

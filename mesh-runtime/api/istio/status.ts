/** The status of Istio's kinds. Unknown fields are kept; `observedGeneration` may be text. */
import { intOrString, list, oneOf, str, struct, time } from "../schema/builders.ts";

export const istioStatusFields = {
  conditions: list(
    struct(
      "v1alpha1.IstioCondition",
      {},
      {
        type: str(),
        status: str(),
        reason: str(),
        message: str(),
        lastProbeTime: time(),
        lastTransitionTime: time(),
        observedGeneration: intOrString(),
      },
    ),
  ),
  observedGeneration: intOrString(),
  validationMessages: list(
    struct(
      "v1alpha1.AnalysisMessageBase",
      {},
      {
        documentationUrl: str(),
        level: oneOf(["UNKNOWN", "ERROR", "WARNING", "INFO"]),
        type: struct("v1alpha1.AnalysisMessageBase_Type", {}, { code: str(), name: str() }),
      },
    ),
  ),
};

export const istioStatus = struct("v1alpha1.IstioStatus", {}, istioStatusFields, {
  "x-kubernetes-preserve-unknown-fields": true,
}).describe("What the control plane says.");

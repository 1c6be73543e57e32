/** How a refusal was decided, step by step, from what the proxy read. Pure. */
import type { DenialGroup } from "@/server/contracts/denials.ts";
import { count } from "@/server/golden-paths/path.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";
import { isPlainTextRefusal } from "./denial-words.ts";
import { engineSteps } from "./engine-steps.ts";

type Step = DenialGroup["steps"][number];

const beforePolicy: Partial<Record<DenialIdentity["reason"], string>> = {
  "certificate-expired": "The caller's certificate has expired",
  "certificate-untrusted": "The caller's certificate is not signed by this mesh",
  "certificate-invalid": "The caller's certificate is not valid",
  "identity-mismatch": "The other side is not who it should be",
  "caller-not-in-pod": "The connection did not come from a process of the pod",
  "destination-not-listed": "Only listed destinations outside may be called, and this one is not listed",
  "not-synced": "The proxy has not received its policies yet and stays closed",
};

export function decisionSteps(
  identity: DenialIdentity,
  principal: string,
  service: { readonly namespace: string; readonly name: string },
  inventory: Inventory,
): Step[] {
  const early = beforePolicy[identity.reason];
  if (early !== undefined) {
    return [
      { outcome: "failed", text: early },
      { outcome: "skipped", text: "No policy was read" },
    ];
  }
  const steps: Step[] = [
    principal === ""
      ? { outcome: "skipped", text: "No identity: the call came in plain text or from outside" }
      : { outcome: "passed", text: `Identity proven: ${principal}` },
  ];
  if (isPlainTextRefusal(identity)) {
    return [...steps, { outcome: "failed", text: "Denied: mutual TLS is required here" }];
  }
  const atEngine = engineSteps(identity, service, inventory);
  if (atEngine !== undefined) {
    return [...steps, ...atEngine];
  }
  const actions = identity.evaluated.map((key) => actionOf(key, inventory));
  const denies = actions.filter((action) => action === "DENY").length;
  const allows = actions.length - denies;
  if (identity.reason === "denied-by-policy") {
    return [
      ...steps,
      { outcome: "failed", text: `Deny policies: ${identity.policy}${ruleText(identity.rule)} matched` },
    ];
  }
  steps.push({ outcome: "passed", text: `Deny policies: ${denies} read, none matched` });
  if (identity.reason === "unknown-policy") {
    return [...steps, { outcome: "failed", text: `Denied: the policy ${identity.policy} is named but not known yet` }];
  }
  return [
    ...steps,
    { outcome: "failed", text: `Allow policies: ${allows} read, none matched` },
    {
      outcome: "failed",
      text: `Denied: ${count(allows, "Allow policy exists", "Allow policies exist")}, none let it in`,
    },
  ];
}

const ruleText = (rule: number): string => (rule < 0 ? "" : `, rule ${rule + 1}`);

function actionOf(key: string, inventory: Inventory): "ALLOW" | "DENY" {
  // The mesh's translations of PeerAuthentication deny.
  const found = inventory.authorizationPolicies.find(
    ({ metadata }) => `${metadata.namespace}/${metadata.name}` === key,
  );
  return found === undefined || found.spec?.action === "DENY" ? "DENY" : "ALLOW";
}

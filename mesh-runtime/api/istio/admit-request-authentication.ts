/** What istiod's webhook `validation.istio.io` says of a RequestAuthentication. */
import type { AdmissionVerdict } from "../kind.ts";
import type { JwtRule, RequestAuthentication } from "../requestauthentication.ts";
import { admitDuration } from "./admit-durations.ts";
import { admitSelection } from "./admit-selection.ts";
import { readKeySet } from "./key-set.ts";
import { Report } from "./report.ts";

export function admitRequestAuthentication(policy: RequestAuthentication): AdmissionVerdict {
  const report = new Report();
  admitSelection(policy.spec ?? {}, report);
  for (const rule of policy.spec?.jwtRules ?? []) {
    admitRule(rule, report);
  }
  return report.verdict();
}

function admitRule(rule: JwtRule, report: Report): void {
  const uri = rule.jwksUri ?? rule.jwks_uri ?? "";
  if (!rule.issuer && uri === "") {
    report.refuseListed("issuer or jwksUri must be non-empty string");
  }
  if (uri !== "" && !URL.canParse(uri)) {
    report.refuseListed(`parse ${JSON.stringify(uri)}: invalid URL`);
  }
  if (rule.jwks) {
    const { problem, privateKeys } = readKeySet(rule.jwks);
    if (problem !== undefined) {
      report.refuseListed(`jwks parse error: ${problem}`);
    }
    for (const index of privateKeys) {
      report.warn(
        `jwks key at index ${index} contains private key material; only public keys are used for verification`,
      );
    }
  }
  const timeout = new Report();
  admitDuration(rule.timeout, timeout);
  for (const { text } of timeout.complaints) {
    report.refuseListed(text);
  }
}

/** What is decided of a call, and why, in few words. Pure. */
import type { Decision } from "@/mesh-runtime/policy/model.ts";
import type { Verdict } from "@/server/contracts/golden-paths.ts";

export interface Judgement {
  readonly verdict: Verdict;
  /** In a few words. */
  readonly reason: string;
  /** `<namespace>/<name>` of the policy that decided, and its rule; empty and -1 when none did. */
  readonly policy: string;
  readonly rule: number;
}

export const unknown = (reason: string): Judgement => ({ verdict: "unknown", reason, policy: "", rule: -1 });

export const openDoor: Judgement = {
  verdict: "allowed",
  reason: "not in the mesh, no rule is read",
  policy: "",
  rule: -1,
};

export const refused = (reason: string): Judgement => ({ verdict: "denied", reason, policy: "", rule: -1 });

/** Those of several ways; unknown when they differ. */
export function agreed(judgements: readonly Judgement[], otherwise: string): Judgement {
  const [first] = judgements;
  return first === undefined || judgements.some(({ verdict }) => verdict !== first.verdict)
    ? (judgements.find(({ verdict }) => verdict === "unknown") ?? unknown(otherwise))
    : first;
}

export function toJudgement(decision: Decision, principal: string | undefined): Judgement {
  const { allowed, policy, rule } = decision;
  const words = allowed
    ? policy === undefined
      ? "no rule restricts it"
      : `allowed by ${policy}`
    : denialText(decision, principal);
  return { verdict: allowed ? "allowed" : "denied", reason: words, policy: policy ?? "", rule: rule ?? -1 };
}

const misfits: Readonly<Record<string, string>> = {
  "request.method": "no rule allows this method",
  "request.path": "no rule allows this path",
  "request.host": "no rule allows this host",
  "destination.port": "no rule allows this port",
};

function denialText({ reason, policy, attribute }: Decision, principal: string | undefined): string {
  if (policy !== undefined && /istio_converted_static_strict|converted_peer_authentication_/.test(policy)) {
    return "plain text, mutual TLS is required";
  }
  if (reason === "denied-by-policy") {
    return `denied by ${policy ?? "a rule"}`;
  }
  return principal === undefined
    ? "it proves no identity"
    : (misfits[attribute ?? ""] ?? "no rule names this identity");
}

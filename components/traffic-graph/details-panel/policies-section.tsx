import { Ban, Check } from "lucide-react";
import type { PolicyVerdict } from "@/server/contracts/traffic.ts";
import { Badge } from "../../ui/badge.tsx";
import { count } from "../../ui/format.ts";
import { PanelSection } from "./panel-frame.tsx";

/** Which policies decide on an edge, where, and how often. */
export function PoliciesSection({ policies }: { readonly policies: readonly PolicyVerdict[] }) {
  return (
    <PanelSection title="Policies that decide">
      {policies.length === 0 ? (
        <p className="cap">None: whoever reaches the service may call it.</p>
      ) : (
        <table className="pol">
          <tbody>
            {policies.map((verdict) => (
              <tr
                key={`${verdict.policy.namespace}/${verdict.policy.name} ${verdict.rule} ${verdict.hop} ${verdict.node} ${verdict.verdict}`}
              >
                <td>
                  {verdict.verdict === "allowed" ? (
                    <Badge tone="ok" icon={Check}>
                      Allow
                    </Badge>
                  ) : (
                    <Badge tone="denied" icon={Ban}>
                      Deny
                    </Badge>
                  )}
                </td>
                <td>
                  <b className="med">{verdict.policy.name}</b>{" "}
                  <span className="t3">{verdict.rule >= 0 ? `rule ${verdict.rule + 1}` : "no rule lets it in"}</span>
                  <div className="cap">
                    {verdict.hop}
                    {verdict.node !== "" && ` on ${verdict.node}`}, {verdict.policy.namespace}
                    {verdict.basis === "computed" && ", computed from the live policy"}
                  </div>
                </td>
                <td className="num">{count(verdict.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </PanelSection>
  );
}

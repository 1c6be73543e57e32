import { Eye } from "lucide-react";
import type { ShadowVerdict } from "@/server/contracts/traffic.ts";
import { count } from "../../ui/format.ts";
import { PanelSection } from "./panel-frame.tsx";

/** What dry-run policies would have decided otherwise. */
export function ShadowsSection({ shadows }: { readonly shadows: readonly ShadowVerdict[] }) {
  if (shadows.length === 0) {
    return null;
  }
  return (
    <PanelSection title="Dry run" note="would have been decided otherwise">
      <table className="reqs" data-testid="shadows">
        <tbody>
          {shadows.map(({ policy, wouldBe, method, path, count: times }) => (
            <tr key={`${policy.namespace}/${policy.name} ${method} ${path} ${wouldBe}`}>
              <td>
                <Eye className="ic ic-12 inl t3" aria-hidden="true" />{" "}
                <span className="mono">{method === "" ? "TCP" : `${method} ${path}`}</span>
                <div className="cap">
                  {policy.namespace}/{policy.name}
                </div>
              </td>
              <td className={wouldBe === "denied" ? "c-denied" : "c-ok"}>would be {wouldBe}</td>
              <td className="num tn">{count(times)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </PanelSection>
  );
}

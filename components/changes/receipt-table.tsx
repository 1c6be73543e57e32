import type { ChangeDetails } from "@/server/contracts/changes.ts";
import { ScrollX } from "../ui/scroll-x.tsx";
import { standing } from "./change-words.ts";

/** What the proxies said of every resource of a change. */
export function ReceiptTable({ change }: { readonly change: ChangeDetails }) {
  if (!change.receipt) {
    const words = standing(change);
    return (
      <p className="t2 sm" style={{ padding: "16px var(--page-x)" }}>
        {words === "–" ? "Nothing was acknowledged yet." : words}
      </p>
    );
  }
  return (
    <ScrollX label="What the proxies say">
      <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
        <thead>
          <tr>
            <th scope="col">Resource</th>
            <th scope="col">Enforced</th>
            <th scope="col">What the proxies say</th>
          </tr>
        </thead>
        <tbody>
          {change.receipt.resources.map(({ resource, status, reason, message }) => (
            <tr key={`${resource.kind} ${resource.namespace}/${resource.name}`}>
              <td className="mono">
                {resource.kind} {resource.namespace === "" ? resource.name : `${resource.namespace}/${resource.name}`}
              </td>
              <td className={status === "True" ? "c-ok" : status === "False" ? "c-warn" : "t3"}>
                {status === "True" ? "yes" : status === "False" ? "not yet" : "not known"}
              </td>
              <td className="t2" title={reason}>
                {message}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}

import type { EdgeDetails } from "@/server/contracts/traffic.ts";
import { count } from "../../ui/format.ts";
import { PanelSection } from "./panel-frame.tsx";

/** Methods and paths that were asked for. Layer 4 knows only the port. */
export function PathsSection({ details }: { readonly details: EdgeDetails }) {
  return (
    <PanelSection first title="Methods and paths" note={`${details.paths.length} seen`}>
      {details.paths.length === 0 ? (
        <p className="cap">None in this window.</p>
      ) : (
        <table className="reqs" data-testid="paths">
          <thead>
            <tr>
              <th scope="col">Request</th>
              <th scope="col" className="num">
                Count
              </th>
              <th scope="col" className="num">
                Errors
              </th>
              <th scope="col" className="num">
                Denied
              </th>
            </tr>
          </thead>
          <tbody>
            {details.paths.map((path) => (
              <tr key={`${path.method} ${path.path} ${path.port}`}>
                <td className="mono">{path.method === "" ? `TCP :${path.port}` : `${path.method} ${path.path}`}</td>
                <td className="num">{count(path.count)}</td>
                <td className={path.errors > 0 ? "num c-error" : "num t3"}>{count(path.errors)}</td>
                <td className={path.denied > 0 ? "num c-denied" : "num t3"}>{count(path.denied)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </PanelSection>
  );
}

import type { RolloutSeries } from "@/server/contracts/rollouts.ts";
import { clock, textOf } from "../../ui/format.ts";
import { ScrollX } from "../../ui/scroll-x.tsx";
import { figureOf } from "./chart-readout.ts";

/** The charts as a table, newest first: for screen readers, and for those who prefer figures. */
export function SeriesTable({ series }: { readonly series: RolloutSeries }) {
  const { versions, endUnixMs, stepSeconds } = series;
  const length = Math.max(0, ...versions.map(({ rps }) => rps.length));
  const moves = new Map(
    series.marks.map(({ timeUnixMs, words }) => [
      length - 1 - Math.round((endUnixMs - timeUnixMs) / (stepSeconds * 1000)),
      words,
    ]),
  );
  return (
    <ScrollX label="Figures of both versions" className="series-table">
      <table className="table is-dense" data-testid="series-table">
        <thead>
          <tr>
            <th scope="col">Time, UTC</th>
            {versions.map(({ version, role }) =>
              ["success", "p95", "rps"].map((what) => (
                <th key={`${role} ${what}`} scope="col" className="num">
                  <span className={role === "canary" ? "ver is-canary" : "ver"}>{version}</span> {what}
                </th>
              )),
            )}
            <th scope="col">Moves</th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length }, (_, back) => length - 1 - back).map((at) => (
            <tr key={at}>
              <th scope="row" className="tn">
                {clock(endUnixMs - (length - 1 - at) * stepSeconds * 1000)}
              </th>
              {versions.flatMap(({ role, success, p95Ms, rps }) => [
                <td key={`${role} success`} className="num">
                  {textOf(figureOf("success", success[at] ?? null))}
                </td>,
                <td key={`${role} p95`} className="num">
                  {textOf(figureOf("latency", p95Ms[at] ?? null))}
                </td>,
                <td key={`${role} rps`} className="num">
                  {textOf(figureOf("rps", rps[at] ?? null))}
                </td>,
              ])}
              <td className="t2">{moves.get(at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}

"use client";

import { Table2 } from "lucide-react";
import { useState } from "react";
import type { RolloutDetails, RolloutSeries, VersionFigures } from "@/server/contracts/rollouts.ts";
import { useUrlState } from "../../query/url-state.ts";
import { Button } from "../../ui/button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Figure } from "../../ui/figure.tsx";
import { clock } from "../../ui/format.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { Skeleton } from "../../ui/states.tsx";
import { useNow } from "../../ui/time-ago.tsx";
import { percent } from "../words/rollout-words.ts";
import { type Drawn, differenceOf, figureOf } from "./chart-readout.ts";
import type { Values } from "./chart-scale.ts";
import { CompareChart } from "./compare-chart.tsx";
import { type Limit, latencyLimits, type Quantile, successLimits } from "./limits.ts";
import { SeriesTable } from "./series-table.tsx";

/** Windows of the charts, in seconds; long ones are offered to those that ran longer than the one before. */
const seriesWindows = [
  { value: "5m", label: "5 min", seconds: 300, fromMs: 0 },
  { value: "15m", label: "15 min", seconds: 900, fromMs: 0 },
  { value: "1h", label: "1 h", seconds: 3_600, fromMs: 0 },
  { value: "6h", label: "6 h", seconds: 21_600, fromMs: 3_600_000 },
  { value: "1d", label: "1 d", seconds: 86_400, fromMs: 21_600_000 },
] as const;
/** A little of what came before it belongs in the picture. */
const leadMs = 60_000;

/** The window in the address; unless somebody asked for one, the shortest that holds what the release did so far. */
export function useSeriesWindow({
  startedUnixMs,
  finishedUnixMs,
}: Pick<RolloutDetails, "startedUnixMs" | "finishedUnixMs">) {
  const { parameters, change } = useUrlState();
  const now = useNow();
  const ran = startedUnixMs === null ? 0 : (finishedUnixMs ?? now) - startedUnixMs;
  const offered = seriesWindows.filter(({ fromMs }) => fromMs === 0 || ran + leadMs > fromMs);
  const usual = offered.find(({ seconds }) => seconds * 1000 > ran + leadMs) ?? seriesWindows[4];
  const asked = offered.find(({ value }) => value === parameters.get("charts")) ?? usual;
  return { ...asked, offered, set: (value: string) => change({ charts: value }) };
}

const quantiles = [
  { value: "50", label: "p50" },
  { value: "95", label: "p95" },
  { value: "99", label: "p99" },
] as const;

const latencyOf = {
  50: (figures: { readonly p50Ms: number | null }) => figures.p50Ms,
  95: (figures: { readonly p95Ms: number | null }) => figures.p95Ms,
  99: (figures: { readonly p99Ms: number | null }) => figures.p99Ms,
} as const satisfies Record<Quantile, unknown>;

type SeriesOfVersion = RolloutSeries["versions"][number];

const latencySeriesOf = {
  50: (series: SeriesOfVersion) => series.p50Ms,
  95: (series: SeriesOfVersion) => series.p95Ms,
  99: (series: SeriesOfVersion) => series.p99Ms,
} as const satisfies Record<Quantile, unknown>;

interface ChartsProps {
  readonly details: RolloutDetails;
  readonly series: RolloutSeries | undefined;
  /** Old figures: newer ones do not come. */
  readonly stale: boolean;
}

/** Both versions over the same time: answered well, how fast, how many. */
export function Charts({ details, series, stale }: ChartsProps) {
  const window_ = useSeriesWindow(details);
  const { parameters, change } = useUrlState();
  const [at, setAt] = useState<number | null>(null);
  const table = parameters.get("view") === "table";
  const quantile = quantileOf(parameters.get("latency"));
  const { stable, canary, spec } = details;
  const figures = (role: VersionFigures["role"]) => details.versions.find((version) => version.role === role);
  const lines = (role: VersionFigures["role"]) => series?.versions.find((version) => version.role === role);
  const now = { stable: figures("stable"), canary: figures("canary") };
  const over = { stable: lines("stable"), canary: lines("canary") };
  const stableLatency = now.stable ? latencyOf[quantile](now.stable) : null;
  const charts: readonly ChartCellProps[] = [
    {
      title: "Success rate",
      drawn: "success",
      now: [now.stable?.success ?? null, now.canary?.success ?? null],
      series: [over.stable?.success, over.canary?.success],
      limits: successLimits(spec.analysis),
    },
    {
      title: `p${quantile} latency`,
      drawn: "latency",
      now: [stableLatency, now.canary ? latencyOf[quantile](now.canary) : null],
      series: [
        over.stable && latencySeriesOf[quantile](over.stable),
        over.canary && latencySeriesOf[quantile](over.canary),
      ],
      limits: latencyLimits(spec.analysis, quantile, stableLatency, stable),
      end: (
        <Segmented
          small
          label="Percentile"
          value={String(quantile)}
          options={quantiles}
          onChange={(value) => change({ latency: value === "95" ? null : value })}
        />
      ),
    },
    {
      title: "Requests",
      drawn: "rps",
      now: [now.stable?.rps ?? null, now.canary?.rps ?? null],
      series: [over.stable?.rps, over.canary?.rps],
      limits: [],
      cap: `share ${percent(100 - details.weight)} : ${percent(details.weight)}`,
    },
  ];
  return (
    <section aria-label="Both versions over the same time" className={classNames(stale && "is-stale")}>
      {table && series ? (
        <SeriesTable series={series} />
      ) : (
        <div className="cmps" data-testid="charts">
          {charts.map((chart) => (
            <ChartCell key={chart.drawn} {...chart} versions={[stable, canary]} whole={series} at={at} onAt={setAt} />
          ))}
        </div>
      )}
      <div className="cmps-foot">
        <span className="cap">Times in UTC. Dotted lines are moves of the share.{storedWords(series)}</span>
        <span className="grow" />
        <Segmented
          small
          label="How far back"
          value={window_.value}
          options={window_.offered.map(({ value, label }) => ({ value, label }))}
          onChange={window_.set}
        />
        <Button
          size="s"
          look="ghost"
          icon={Table2}
          aria-pressed={table}
          data-testid="as-table"
          onClick={() => change({ view: table ? null : "table" })}
        >
          {table ? "Charts" : "Table"}
        </Button>
      </div>
    </section>
  );
}

/** What points stand for where telemetry has forgotten; empty where it has not. */
function storedWords(series: RolloutSeries | undefined): string {
  const until = series?.storedUntilUnixMs ?? null;
  return until === null
    ? ""
    : until === series?.endUnixMs
      ? " Values are the analysis': one for each interval that it judged."
      : ` Before ${clock(until)} values are the analysis': one for each interval that it judged.`;
}

const quantileOf = (text: string | null): Quantile => (text === "50" ? 50 : text === "99" ? 99 : 95);

interface ChartCellProps {
  readonly title: string;
  readonly drawn: Drawn;
  /** Stable and new, over the last minute. */
  readonly now: readonly [number | null, number | null];
  readonly series: readonly [Values | undefined, Values | undefined];
  readonly limits: readonly Limit[];
  readonly cap?: string;
  readonly end?: React.ReactNode;
}

interface DrawnCellProps extends ChartCellProps {
  readonly versions: readonly [string, string];
  readonly whole: RolloutSeries | undefined;
  readonly at: number | null;
  readonly onAt: (at: number | null) => void;
}

function ChartCell(props: DrawnCellProps) {
  const { title, drawn, now, series, limits, cap, end, versions, whole, at, onAt } = props;
  const looking = at !== null && whole !== undefined;
  const [stable, canary] = looking ? [series[0]?.[at] ?? null, series[1]?.[at] ?? null] : now;
  const difference = differenceOf(drawn, stable, canary);
  const length = series[0]?.length ?? 0;
  const time = whole ? whole.endUnixMs - (length - 1 - (at ?? 0)) * whole.stepSeconds * 1000 : 0;
  const said = cap ?? (limits.length === 0 ? "no limit" : limits.map(({ words }) => words).join(", "));
  return (
    <div className="cmp" data-testid={`chart-${drawn}`}>
      <div className="row spread cmp-head">
        <h2>{title}</h2>
        <span className="cap tn trunc right">{looking ? `at ${clock(time)}` : said}</span>
        {end}
      </div>
      <div className="vs">
        <div>
          <span className="ver t2 xs">{versions[0]} stable</span>
          <span className="fig tn" data-testid={`${drawn}-stable`}>
            <Figure of={figureOf(drawn, stable)} />
          </span>
        </div>
        <div>
          <span className="ver is-canary t2 xs">{versions[1]} canary</span>
          <span className="fig tn" data-testid={`${drawn}-canary`}>
            <Figure of={figureOf(drawn, canary)} />
          </span>
        </div>
        <div className="dl">
          <span className="cap">{difference.title === "difference" ? "difference" : `share of ${versions[1]}`}</span>
          <span
            className={classNames(
              "med tn",
              difference.tone === "better" ? "c-ok" : difference.tone === "worse" ? "c-error" : "t3",
            )}
          >
            {difference.words}
          </span>
        </div>
      </div>
      {whole ? (
        <CompareChart
          title={title}
          drawn={drawn}
          stable={{ version: versions[0], values: series[0] ?? [] }}
          canary={{ version: versions[1], values: series[1] ?? [] }}
          limits={limits}
          marks={whole.marks}
          endUnixMs={whole.endUnixMs}
          stepSeconds={whole.stepSeconds}
          withShares={drawn === "rps"}
          at={at}
          onAt={onAt}
        />
      ) : (
        <div className="compare is-waiting is-loading">
          <Skeleton width={240} />
        </div>
      )}
    </div>
  );
}

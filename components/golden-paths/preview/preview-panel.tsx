"use client";

import { History } from "lucide-react";
import type { ChangeDetails, ChangeSummary } from "@/server/contracts/changes.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import { windowWords } from "../../query/time-window.ts";
import { useUrlState } from "../../query/url-state.ts";
import { classNames } from "../../ui/class-names.ts";
import { clock, dayAndTime, exact, plural } from "../../ui/format.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { TabPanel, Tabs } from "../../ui/tabs.tsx";
import { Emphasised } from "./emphasised.tsx";
import { FindingsPane } from "./findings-pane.tsx";
import { ImpactPane } from "./impact-pane.tsx";
import { callersOf, namesOf } from "./names-of.ts";
import { PreviewWaits } from "./preview-waits.tsx";
import { ProofPane } from "./proof-pane.tsx";
import { impactWindows, useImpactWindow } from "./use-impact-window.ts";
import { YamlPane } from "./yaml-pane.tsx";

const tabNames = ["impact", "yaml", "findings", "proof"] as const;
type TabName = (typeof tabNames)[number];

interface PreviewPanelProps {
  readonly slug: PathSlug;
  /** What the form holds, complete or not. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly preview: Preview | undefined;
  /** A newer one is on its way. */
  readonly outdated: boolean;
  /** The form lacks something, so there is nothing to preview. */
  readonly incomplete: string;
  readonly error: unknown;
  readonly change: ChangeSummary | ChangeDetails | null;
  readonly onRetry: () => void;
  readonly onRepair: (values: Record<string, unknown>) => void;
}

/** What the form would do: one sentence first, then impact, YAML, findings and what will be proven. */
export function PreviewPanel(props: PreviewPanelProps) {
  const { slug, values, preview, outdated, incomplete, error, change: sent, onRetry, onRepair } = props;
  const { parameters, change } = useUrlState();
  const observed = useImpactWindow();
  const tab: TabName = tabNames.find((name) => name === parameters.get("tab")) ?? "impact";
  if (!preview) {
    return <PreviewWaits incomplete={incomplete} error={error} onRetry={onRetry} />;
  }
  const { added, removed } = sizeOf(preview);
  const grave = preview.findings.filter((finding) => finding.level !== "info").length;
  return (
    <section
      className={classNames("preview", outdated && "is-stale")}
      aria-label="What this would do"
      aria-busy={outdated}
    >
      <div className="say">
        <p data-testid="sentence">
          <Emphasised sentence={preview.sentence} names={namesOf(values)} />
        </p>
      </div>
      <Tabs
        label="Preview"
        className="preview-tabs"
        tabs={[
          { value: "impact", label: "Impact" },
          { value: "yaml", label: "YAML diff", badge: added + removed === 0 ? "no change" : `+${added} −${removed}` },
          {
            value: "findings",
            label: "Findings",
            ...(preview.findings.length > 0 && { badge: String(preview.findings.length) }),
            warn: grave > 0,
          },
          {
            value: "proof",
            label: "Proof",
            ...(preview.probes.length > 0 && { badge: String(preview.probes.length) }),
          },
        ]}
        value={tab}
        onChange={(next) => change({ tab: next === "impact" ? null : next })}
        end={
          <span className="row observed">
            <span className="xs t3 nowrap">Observed traffic</span>
            <Segmented
              small
              label="Observed traffic"
              value={observed.name}
              options={impactWindows}
              onChange={observed.set}
            />
          </span>
        }
      >
        <TabPanel value="impact" className="pane">
          <ImpactPane impact={preview.impact} named={callersOf(values)} />
        </TabPanel>
        <TabPanel value="yaml" className="pane">
          <YamlPane resources={preview.resources} fileName={slug} />
        </TabPanel>
        <TabPanel value="findings" className="pane">
          <FindingsPane findings={preview.findings} onRepair={onRepair} />
        </TabPanel>
        <TabPanel value="proof" className="pane">
          <ProofPane
            probes={preview.probes}
            change={sent}
            unchanged={preview.findings.some(({ code }) => code === "nothing-changes")}
          />
        </TabPanel>
      </Tabs>
      <div className="preview-foot">
        <History className="ic ic-14" aria-hidden="true" />
        <span>{footOf(preview, observed.seconds)}</span>
      </div>
    </section>
  );
}

function footOf({ impact }: Preview, asked: number): React.ReactNode {
  const seen = impact.rows.reduce((sum, row) => sum + row.count, 0);
  const unit = impact.rows.some((row) => row.unit === "requests") ? "request" : "connection";
  if (impact.observedSinceUnixMs === 0) {
    return "Nothing was observed yet: the impact cannot be known.";
  }
  const since = impact.observedSinceUnixMs;
  const now = new Date();
  const today = new Date(since).toDateString() === now.toDateString();
  // A minute less is no shorter: what was observed is kept by the minute.
  const isShort = now.getTime() - since < (asked - 60) * 1_000;
  return (
    <>
      Replayed from {plural(seen, `recorded ${unit}`)} by the engine that enforces,{" "}
      <span title={exact(since)}>known since {today ? clock(since).slice(0, 5) : dayAndTime(since)} UTC</span>
      {isShort && `: shorter than ${windowWords(asked)}`}.
    </>
  );
}

function sizeOf(preview: Preview): { added: number; removed: number } {
  const lines = preview.resources.flatMap((resource) => resource.diff);
  return {
    added: lines.filter((line) => line.sign === "+").length,
    removed: lines.filter((line) => line.sign === "-").length,
  };
}

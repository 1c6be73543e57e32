"use client";

import { History } from "lucide-react";
import type { CallerChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import { windowWords } from "../../query/time-window.ts";
import { useUrlState } from "../../query/url-state.ts";
import { classNames } from "../../ui/class-names.ts";
import { clock, exact, plural } from "../../ui/format.ts";
import { QueryFailure } from "../../ui/query-states.tsx";
import { ResourceDiff } from "../../ui/resource-diff.tsx";
import { Skeleton } from "../../ui/states.tsx";
import { TabPanel, Tabs } from "../../ui/tabs.tsx";
import type { FormState } from "../form-state.ts";
import { Emphasised } from "./emphasised.tsx";
import { FindingsPane } from "./findings-pane.tsx";
import { ImpactPane } from "./impact-pane.tsx";

const tabNames = ["impact", "yaml", "findings"] as const;
type TabName = (typeof tabNames)[number];

interface PreviewPanelProps {
  readonly form: FormState;
  readonly preview: Preview | undefined;
  /** A newer one is on its way. */
  readonly outdated: boolean;
  /** The form lacks something, so there is nothing to preview. */
  readonly incomplete: string;
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly onRepair: (values: Record<string, unknown>) => void;
}

const nameOfCaller = (caller: CallerChoice) => (caller.kind === "anyone" ? "" : caller.serviceAccount);

/** What the form would do: one sentence first, then impact, YAML and findings. */
export function PreviewPanel({ form, preview, outdated, incomplete, error, onRetry, onRepair }: PreviewPanelProps) {
  const { parameters, change } = useUrlState();
  const tab: TabName = tabNames.find((name) => name === parameters.get("tab")) ?? "impact";
  if (!preview) {
    return (
      <section className="preview" aria-label="What this would do">
        <div className="say">
          {incomplete === "" && !error && <Skeleton width={320} />}
          {incomplete !== "" && <p>{incomplete}</p>}
        </div>
        {Boolean(error) && <QueryFailure error={error} onRetry={onRetry} />}
      </section>
    );
  }
  const names = [...form.namespaces, form.service?.name ?? "", ...form.callers.map(nameOfCaller)];
  const { added, removed } = sizeOf(preview);
  const grave = preview.findings.filter((finding) => finding.level !== "info").length;
  const named = new Set(
    form.callers.flatMap((caller) =>
      caller.kind === "identity" ? [`${caller.namespace}/${caller.serviceAccount}`] : [],
    ),
  );
  return (
    <section
      className={classNames("preview", outdated && "is-stale")}
      aria-label="What this would do"
      aria-busy={outdated}
    >
      <div className="say">
        <p data-testid="sentence">
          <Emphasised sentence={preview.sentence} names={names} />
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
        ]}
        value={tab}
        onChange={(next) => change({ tab: next === "impact" ? null : next })}
        end={
          <span className="xs t3 nowrap" style={{ alignSelf: "center" }}>
            Observed traffic, {windowWords(preview.impact.windowSeconds)}
          </span>
        }
      >
        <TabPanel value="impact" className="pane">
          <ImpactPane impact={preview.impact} named={named} />
        </TabPanel>
        <TabPanel value="yaml" className="pane">
          <ResourceDiff changes={preview.resources} />
        </TabPanel>
        <TabPanel value="findings" className="pane">
          <FindingsPane findings={preview.findings} onRepair={onRepair} />
        </TabPanel>
      </Tabs>
      <div className="preview-foot">
        <History className="ic ic-14" aria-hidden="true" />
        <span>{footOf(preview)}</span>
      </div>
    </section>
  );
}

function footOf({ impact }: Preview): React.ReactNode {
  const seen = impact.rows.reduce((sum, row) => sum + row.count, 0);
  const unit = impact.rows.some((row) => row.unit === "requests") ? "request" : "connection";
  if (impact.observedSinceUnixMs === 0) {
    return "Nothing was observed yet: the impact cannot be known.";
  }
  return (
    <>
      Replayed from {plural(seen, `recorded ${unit}`)} by the engine that enforces,{" "}
      <span title={exact(impact.observedSinceUnixMs)}>
        known since {clock(impact.observedSinceUnixMs).slice(0, 5)} UTC
      </span>
      .
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

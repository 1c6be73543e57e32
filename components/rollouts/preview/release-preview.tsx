"use client";

import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { RolloutPreview } from "@/server/contracts/rollouts.ts";
import { Emphasised } from "../../golden-paths/preview/emphasised.tsx";
import { FindingsPane } from "../../golden-paths/preview/findings-pane.tsx";
import { ImpactPane } from "../../golden-paths/preview/impact-pane.tsx";
import { namesOf } from "../../golden-paths/preview/names-of.ts";
import { PreviewWaits } from "../../golden-paths/preview/preview-waits.tsx";
import { YamlPane } from "../../golden-paths/preview/yaml-pane.tsx";
import { useUrlState } from "../../query/url-state.ts";
import { classNames } from "../../ui/class-names.ts";
import { TabPanel, Tabs } from "../../ui/tabs.tsx";
import type { ReleaseDraft } from "../form/release-draft.ts";
import { QueueNote } from "./queue-note.tsx";
import { releaseSentence } from "./release-sentence.ts";
import { StepsPane } from "./steps-pane.tsx";
import { workloadChange } from "./workload-change.ts";

const tabNames = ["steps", "impact", "yaml", "findings", "proof"] as const;
const nobody: ReadonlySet<string> = new Set();

interface ReleasePreviewProps {
  readonly draft: ReleaseDraft;
  /** The draft once it is complete. */
  readonly spec: RolloutSpec | null;
  readonly preview: RolloutPreview | undefined;
  /** A newer one is on its way. */
  readonly outdated: boolean;
  /** Why there is nothing to preview; empty when there is. */
  readonly incomplete: string;
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly onRepair: (values: Record<string, unknown>) => void;
}

/** What starting would do: one sentence first, then the steps in requests, impact, YAML, findings. */
export function ReleasePreview(props: ReleasePreviewProps) {
  const { draft, spec, preview, outdated, incomplete, error, onRetry, onRepair } = props;
  const { parameters, change } = useUrlState();
  const tab = tabNames.find((name) => name === parameters.get("tab")) ?? "steps";
  if (!preview) {
    return <PreviewWaits incomplete={incomplete} error={error} onRetry={onRetry} />;
  }
  const { first, workload } = preview;
  const resources = workload === "" ? first.resources : [workloadChange(workload), ...first.resources];
  const added = resources.flatMap(({ diff }) => diff).filter(({ sign }) => sign === "+").length;
  const removed = resources.flatMap(({ diff }) => diff).filter(({ sign }) => sign === "-").length;
  return (
    <section
      className={classNames("preview", outdated && "is-stale")}
      aria-label="What this would do"
      aria-busy={outdated}
    >
      <div className="say">
        <p data-testid="sentence">
          <Emphasised
            sentence={spec === null ? first.sentence : releaseSentence(spec)}
            names={[...namesOf(draft), draft.stable, draft.canary]}
          />
        </p>
        {spec !== null && first.sentence !== "" && (
          <p className="cap" data-testid="first-change">
            Its first change: {first.sentence}
          </p>
        )}
        <QueueNote preview={preview} />
      </div>
      <Tabs
        label="Preview"
        className="preview-tabs"
        tabs={[
          { value: "steps", label: "Steps", badge: String(preview.steps.length) },
          { value: "impact", label: "Impact" },
          { value: "yaml", label: "YAML of the first step", badge: `+${added} −${removed}` },
          {
            value: "findings",
            label: "Findings",
            ...(first.findings.length > 0 && { badge: String(first.findings.length) }),
            warn: first.findings.some(({ level }) => level !== "info"),
          },
        ]}
        value={tab === "proof" ? "steps" : tab}
        onChange={(next) => change({ tab: next === "steps" ? null : next })}
      >
        <TabPanel value="steps" className="pane">
          <StepsPane preview={preview} stable={draft.stable} canary={draft.canary} />
        </TabPanel>
        <TabPanel value="impact" className="pane">
          <ImpactPane impact={first.impact} named={nobody} />
        </TabPanel>
        <TabPanel value="yaml" className="pane">
          <YamlPane resources={resources} fileName={`release-${draft.canary}`} />
        </TabPanel>
        <TabPanel value="findings" className="pane">
          <FindingsPane findings={first.findings} onRepair={onRepair} />
        </TabPanel>
      </Tabs>
    </section>
  );
}

"use client";

import { ArrowUp } from "lucide-react";
import { useCallback, useEffect, useMemo } from "react";
import type { FieldRange, GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import type { RolloutOptions } from "@/server/contracts/rollouts.ts";
import { PathField } from "../../golden-paths/fields/path-field.tsx";
import { SelectInput } from "../../golden-paths/fields/select-input.tsx";
import type { Problems } from "../../golden-paths/form/check-draft.ts";
import { type Notes, NotesContext, serviceOf } from "../../golden-paths/form/path-form.ts";
import { More } from "../../golden-paths/inputs/more.tsx";
import { RemoveButton } from "../../golden-paths/inputs/row-button.tsx";
import { IconButton } from "../../ui/button.tsx";
import { AnalysisFields } from "../fields/analysis-fields.tsx";
import { MatchField } from "../fields/match-field.tsx";
import { ReleaseServiceField, versionsFor } from "../fields/release-service-field.tsx";
import { StepsField } from "../fields/steps-field.tsx";
import { TrafficFields } from "../fields/traffic-fields.tsx";
import { VersionsField } from "../fields/versions-field.tsx";
import { WebhooksField } from "../fields/webhooks-field.tsx";
import { readRelease } from "../form/release-draft.ts";
import { type ReleaseForm, releaseService } from "../form/release-form.ts";
import { kindOrder, kindTexts } from "../words/rollout-words.ts";
import { shareWords } from "../words/step-words.ts";
import { fewestMembers } from "./bundle-draft.ts";
import type { BundleForm, BundleMember } from "./use-bundle-form.ts";
import type { MemberPreview } from "./use-bundle-start.ts";

interface MemberCardProps {
  readonly form: BundleForm;
  readonly member: BundleMember;
  /** From 0. */
  readonly at: number;
  readonly options: RolloutOptions;
  /** Absent until it is known who there is and what was seen. */
  readonly known: GoldenPathOptions | undefined;
  readonly ranges: readonly FieldRange[];
  /** Those that may be told now. */
  readonly problems: Problems;
  readonly preview: MemberPreview | undefined;
}

const folded = ["match", "steps", "analysis", "sticky", "preview", "stopOldAfterMinutes"];

/** One release of a bundle: service, versions and kind in view, everything else of a release folded below. */
export function MemberCard({ form, member, at, options, known, ranges, problems, preview }: MemberCardProps) {
  const { setMember, setKind, remove, earlier, members, order } = form;
  const { key, draft } = member;
  const service = releaseService(options, draft.service);
  const set = useCallback<ReleaseForm["set"]>((change) => setMember(key, change), [setMember, key]);
  const findings = preview?.outdated ? undefined : preview?.data?.first.findings;

  // A link may name the service only: its versions follow.
  useEffect(() => {
    if (service && draft.stable === "" && draft.canary === "") {
      set(versionsFor(service));
    }
  }, [service, draft.stable, draft.canary, set]);

  const notes: Notes = useMemo(
    () => ({ problems, findings: findings ?? [], ranges, onRepair: (values) => set(readRelease(values)) }),
    [problems, findings, ranges, set],
  );
  const release: ReleaseForm = {
    draft,
    options,
    identities: known?.identities ?? [],
    seen: known && serviceOf(known, draft.service)?.seen,
    service,
    set,
    setKind: (kind) => setKind(key, kind),
  };
  const name = `Release ${at + 1}`;
  return (
    <fieldset className="member" aria-label={name} data-testid={`member-${at}`}>
      <div className="member-head">
        <span className="strong">{name}</span>
        <span className="cap grow trunc">
          {at > 0 && order === "in-order" ? `after release ${at}` : "begins at once"}
        </span>
        {at > 0 && (
          <IconButton
            icon={ArrowUp}
            label={`Move ${name.toLowerCase()} up`}
            data-testid={`member-up-${at}`}
            onClick={() => earlier(key)}
          />
        )}
        {members.length > fewestMembers && (
          <RemoveButton label={`Remove ${name.toLowerCase()}`} onClick={() => remove(key)} />
        )}
      </div>
      <NotesContext value={notes}>
        <ReleaseServiceField form={release} />
        <VersionsField form={release} />
        <PathField name="kind" label="How" hint={draft.steps.map((step) => shareWords(stepNumbers(step))).join(", ")}>
          <SelectInput
            placeholder=""
            value={draft.kind}
            testId={`member-kind-${at}`}
            onChange={(next) => {
              const kind = kindOrder.find((candidate) => candidate === next);
              if (kind) {
                setKind(key, kind);
              }
            }}
            choices={kindOrder.map((kind) => ({ value: kind, label: kindTexts[kind].title }))}
          />
        </PathField>
        <More inside="steps, how it is judged, who always gets to it" names={folded} used={false}>
          <MatchField form={release} />
          <StepsField form={release} />
          <AnalysisFields form={release} />
          <WebhooksField form={release} />
          <TrafficFields form={release} />
        </More>
      </NotesContext>
    </fieldset>
  );
}

/** A share that is being typed counts as none. */
const stepNumbers = ({ weight, mirror }: BundleMember["draft"]["steps"][number]) => ({
  weight: Number.isFinite(weight) ? Number(weight) : 0,
  mirror: Number.isFinite(mirror) ? Number(mirror) : 0,
});

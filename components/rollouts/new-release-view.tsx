"use client";

import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { goldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { rolloutOptions } from "@/server/contracts/rollouts.ts";
import { ReasonField } from "../golden-paths/fields/reason-field.tsx";
import { approversOf } from "../golden-paths/form/foot-words.ts";
import { type Notes, NotesContext, serviceOf } from "../golden-paths/form/path-form.ts";
import { shownProblems } from "../golden-paths/form/shown-problems.ts";
import { FormSkeleton } from "../golden-paths/form-skeleton.tsx";
import { RestrictedNote } from "../golden-paths/restricted-note.tsx";
import { PortalError, userMessageOf } from "../query/portal-error.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { AppLink } from "../ui/app-link.tsx";
import { PageHead } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { AnalysisFields } from "./fields/analysis-fields.tsx";
import { KindField } from "./fields/kind-field.tsx";
import { MatchField } from "./fields/match-field.tsx";
import { ReleaseServiceField, versionsFor } from "./fields/release-service-field.tsx";
import { StepsField } from "./fields/steps-field.tsx";
import { TrafficFields } from "./fields/traffic-fields.tsx";
import { VersionsField } from "./fields/versions-field.tsx";
import { WebhooksField } from "./fields/webhooks-field.tsx";
import { checkRelease, readRelease } from "./form/release-draft.ts";
import { type ReleaseForm, releaseService } from "./form/release-form.ts";
import { useReleaseForm } from "./form/use-release-form.ts";
import { useReleasePreview, useStart } from "./form/use-start.ts";
import { ReleasePreview } from "./preview/release-preview.tsx";
import { ReleaseFoot } from "./release-foot.tsx";
import { noPreviewWords } from "./words/no-preview-words.ts";

const slug = "release-a-version";

/** "Release a new version gradually": the form left, what starting would do right, live. */
export function NewReleaseView() {
  const mayPreview = useMe().capabilities.preview;
  const element = useRef<HTMLFormElement>(null);
  const options = usePortalQuery(queryKeys.rolloutOptions, rolloutOptions, endpoints.rolloutsOptions, 5000);
  const known = usePortalQuery(queryKeys.options(slug), goldenPathOptions, endpoints.goldenPathOptions(slug), 10_000);
  const { entered, draft, set, setKind, settled } = useReleaseForm();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const ranges = known.data?.ranges;
  const checked = useMemo(() => checkRelease(draft, ranges), [draft, ranges]);
  const preview = useReleasePreview(checked.complete && mayPreview ? checked.spec : null);
  const { start, sending, error, clearError } = useStart();
  const fill = useCallback((values: Record<string, unknown>) => set(readRelease(values)), [set]);
  const service = options.data && releaseService(options.data, draft.service);

  // A link may name the service only: its versions follow.
  useEffect(() => {
    if (service && draft.stable === "" && draft.canary === "") {
      set(versionsFor(service));
    }
  }, [service, draft.stable, draft.canary, set]);

  const refused = error instanceof PortalError ? error.problem?.fields : undefined;
  const findings = preview.outdated ? undefined : preview.data?.first.findings;
  const notes: Notes = useMemo(
    () => ({
      problems: checked.complete
        ? new Map(refused?.map(({ path, message }) => [path.replace(/^spec\./, ""), message]))
        : shownProblems(checked.problems, settled, tried),
      findings: findings ?? [],
      ranges: ranges ?? [],
      onRepair: fill,
    }),
    [checked, settled, tried, findings, fill, refused, ranges],
  );
  const ready =
    preview.data !== undefined && !preview.outdated && preview.data.first.applicable && checked.complete && !sending;
  const failed =
    preview.fetchStatus === "paused" || (preview.error !== null && preview.data === undefined)
      ? noPreviewWords(preview.error)
      : "";
  const submit = () => {
    setTried(true);
    clearError();
    if (!checked.complete) {
      requestAnimationFrame(() =>
        element.current?.querySelector<HTMLElement>(".is-wrong :is(input, button, textarea)")?.focus(),
      );
    } else if (ready && preview.data) {
      void start(checked.spec, reason, preview.data.first.etag);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      submit();
    }
  };
  const form: ReleaseForm | undefined = options.data && {
    draft,
    options: options.data,
    identities: known.data?.identities ?? [],
    seen: known.data && serviceOf(known.data, draft.service)?.seen,
    service,
    set,
    setKind,
  };
  const incomplete = !mayPreview
    ? "Releases are for developers and platform engineers. You see what the form asks, and every release in the list."
    : checked.complete
      ? ""
      : draft.service !== null && draft.stable !== "" && draft.canary !== ""
        ? `${checked.problems.values().next().value ?? ""}. Once that is mended, what the release would do appears here.`
        : "Choose a service and its versions: what a release would do appears here as you go.";
  return (
    <main className="gp" id="content" tabIndex={-1}>
      <form
        ref={element}
        className="form"
        aria-label="Release a new version gradually"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        onKeyDown={onKeyDown}
      >
        <PageHead
          title="Release a new version gradually"
          crumb={
            <>
              <AppLink href="/rollouts">Rollouts</AppLink> / new
            </>
          }
        />
        <div className="fields">
          {options.error && !options.data && (
            <QueryFailure error={options.error} onRetry={() => void options.refetch()} />
          )}
          {options.isPending && <FormSkeleton />}
          {form && (
            <NotesContext value={notes}>
              <RestrictedNote slug={slug} />
              <ReleaseServiceField form={form} />
              <VersionsField form={form} />
              <KindField form={form} />
              <MatchField form={form} />
              <StepsField form={form} />
              <AnalysisFields form={form} />
              <WebhooksField form={form} />
              <TrafficFields form={form} />
              <ReasonField
                reason={reason}
                onChange={setReason}
                approvers={preview.data ? approversOf(preview.data.first) : ""}
              />
            </NotesContext>
          )}
        </div>
        <ReleaseFoot
          preview={preview.data}
          canary={draft.canary}
          entered={entered}
          mayPreview={mayPreview}
          lacks={options.data && !checked.complete ? (checked.problems.values().next().value ?? "") : ""}
          failed={failed}
          ready={ready}
          sending={sending}
          problem={error ? userMessageOf(error) : ""}
        />
      </form>
      <ReleasePreview
        draft={draft}
        spec={checked.complete ? checked.spec : null}
        preview={preview.data}
        outdated={preview.outdated}
        incomplete={incomplete}
        error={preview.error}
        onRetry={() => void preview.refetch()}
        onRepair={fill}
      />
    </main>
  );
}

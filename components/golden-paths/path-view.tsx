"use client";

import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { goldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { PortalError, userMessageOf } from "../query/portal-error.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { AppLink } from "../ui/app-link.tsx";
import { PageHead } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { ConfirmDialog, ConflictDialog } from "./apply-dialogs.tsx";
import { PathFields } from "./fields/path-fields.tsx";
import { ReasonField } from "./fields/reason-field.tsx";
import { checkDraft } from "./form/check-draft.ts";
import { readEntered, toValues } from "./form/draft.ts";
import { approversOf } from "./form/foot-words.ts";
import { type Notes, NotesContext } from "./form/path-form.ts";
import { shownProblems } from "./form/shown-problems.ts";
import { usePathForm } from "./form/use-path-form.ts";
import { FormFoot } from "./form-foot.tsx";
import { FormSkeleton } from "./form-skeleton.tsx";
import { groupTitles, pathTexts } from "./path-texts.ts";
import { PreviewPanel } from "./preview/preview-panel.tsx";
import { useImpactWindow } from "./preview/use-impact-window.ts";
import { usePreview } from "./preview/use-preview.ts";
import { RestrictedNote } from "./restricted-note.tsx";
import { useApply } from "./use-apply.ts";

const noDefaults: Readonly<Record<string, unknown>> = {};

/** One golden path: the form left, what it would do right, live. */
export function PathView<S extends PathSlug>({ slug }: { readonly slug: S }) {
  const texts = pathTexts[slug];
  const element = useRef<HTMLFormElement>(null);
  const options = usePortalQuery(queryKeys.options(slug), goldenPathOptions, endpoints.goldenPathOptions(slug), 5000);
  const { draft, set, forward, setForward, settled } = usePathForm(slug, options.data?.defaults ?? noDefaults);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const [renewing, setRenewing] = useState(false);
  const observed = useImpactWindow();
  const ranges = options.data?.ranges;
  const checked = useMemo(() => checkDraft(slug, draft, ranges), [slug, draft, ranges]);
  const mayPreview = useMe().capabilities.preview;
  const preview = usePreview(slug, checked.complete && mayPreview ? checked.values : null, observed.seconds);
  const { change, follow, sending, error, clearError, apply, waits } = useApply(slug);
  const refused = error instanceof PortalError ? error : null;
  const conflict = refused?.code === "conflict";
  const fill = useCallback((values: Readonly<Record<string, unknown>>) => set(readEntered(slug, values)), [set, slug]);

  const findings = preview.outdated ? undefined : preview.data?.findings;
  const refusedFields = refused?.problem?.fields;
  const notes: Notes = useMemo(() => {
    const said = new Map(refusedFields?.map(({ path, message }) => [path.replace(/^values\./, ""), message]));
    return {
      problems: checked.complete ? said : shownProblems(checked.problems, settled, tried),
      findings: findings ?? [],
      ranges: ranges ?? [],
      onRepair: fill,
    };
  }, [checked, settled, tried, findings, ranges, fill, refusedFields]);

  const busy = sending || change?.state === "applying";
  const waiting = checked.complete && waits(checked.values);
  const outdated = preview.outdated || renewing;
  const ready = preview.data !== undefined && !outdated && preview.data.applicable && !busy && !waiting;
  const failed = preview.fetchStatus === "paused" || (preview.error !== null && preview.data === undefined);
  const send = (confirmation: string, overwrite: string | null) => {
    setConfirming(false);
    clearError();
    if (preview.data && checked.complete) {
      void apply({ preview: preview.data, values: checked.values, reason, confirmation, overwrite });
    }
  };
  const submit = () => {
    setTried(true);
    if (!checked.complete) {
      requestAnimationFrame(() =>
        element.current?.querySelector<HTMLElement>(".is-wrong :is(input, button, textarea)")?.focus(),
      );
    }
    if (!ready || !preview.data) {
      return;
    }
    if (preview.data.confirmWord === "") {
      send("", null);
    } else {
      setConfirming(true);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      submit();
    }
  };
  const lacks = checked.complete ? "" : lacksWords(checked.problems, forward);
  const incomplete = !mayPreview
    ? "Previews and changes are for developers and platform engineers. You see what the form asks, and every change in the history."
    : checked.complete
      ? ""
      : "Fill in the form: what it would do appears here as you go.";

  return (
    <main className="gp" id="content" tabIndex={-1}>
      <form
        ref={element}
        className="form"
        aria-label={texts.title}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        onKeyDown={onKeyDown}
      >
        <PageHead
          title={texts.title}
          crumb={
            <>
              <AppLink href="/golden-paths">Golden paths</AppLink> / {groupTitles[texts.group]}
            </>
          }
        />
        <div className="fields">
          {options.error && !options.data && (
            <QueryFailure error={options.error} onRetry={() => void options.refetch()} />
          )}
          {options.isPending && <FormSkeleton />}
          {options.data && (
            <NotesContext value={notes}>
              <RestrictedNote slug={slug} />
              <PathFields form={{ slug, draft, options: options.data, set, forward, setForward, fill }} />
              <ReasonField
                reason={reason}
                onChange={setReason}
                approvers={preview.data ? approversOf(preview.data) : ""}
              />
            </NotesContext>
          )}
        </div>
        <FormFoot
          preview={preview.data}
          mayPreview={mayPreview}
          lacks={options.data ? lacks : ""}
          failed={failed}
          waiting={waiting}
          ready={ready}
          sending={sending}
          change={change}
          onUndo={follow}
          problem={conflict || !error ? "" : userMessageOf(error)}
        />
      </form>
      <PreviewPanel
        slug={slug}
        values={toValues(draft)}
        preview={preview.data}
        outdated={outdated}
        incomplete={incomplete}
        error={preview.error}
        change={change}
        onRetry={() => void preview.refetch()}
        onRepair={fill}
      />
      {confirming && preview.data && (
        <ConfirmDialog
          preview={preview.data}
          onClose={() => setConfirming(false)}
          onConfirm={(word) => send(word, null)}
        />
      )}
      {conflict && (
        <ConflictDialog
          conflicts={refused.problem?.conflicts ?? []}
          message={refused.userMessage}
          onClose={() => {
            clearError();
            setRenewing(true);
            void preview.refetch().finally(() => setRenewing(false));
          }}
          onOverwrite={
            refused.problem?.etag === undefined
              ? undefined
              : () => send(preview.data?.confirmWord ?? "", refused.problem?.etag ?? "")
          }
        />
      )}
    </main>
  );
}

/** What the form lacks first. Taking back asks for little, so what it lacks is a rule that could be taken back. */
function lacksWords(problems: ReadonlyMap<string, string>, forward: boolean): string {
  const first = problems.values().next().value ?? "";
  const shown = ["service", "callers", "ports", "namespaces", "host", "namespace"];
  const visible = [...problems.keys()].some((path) => shown.includes(path.split(".")[0] ?? ""));
  return forward || visible ? first : "Nothing of this is in force there, so there is nothing to take back.";
}

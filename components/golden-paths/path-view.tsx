"use client";

import { useSearchParams } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { endpoints } from "@/server/contracts/endpoints.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { goldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { PortalError, userMessageOf } from "../query/portal-error.ts";
import { prefilledValues } from "../query/prefilled-href.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useUrlState } from "../query/url-state.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { AppLink } from "../ui/app-link.tsx";
import { PageHead } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { ConfirmDialog, ConflictDialog } from "./apply-dialogs.tsx";
import { Field } from "./fields/field.tsx";
import { PathFields } from "./fields/path-fields.tsx";
import { FormFoot } from "./form-foot.tsx";
import { checkForm, type FormState, fromValues, toValues } from "./form-state.ts";
import { groupTitles, pathTexts } from "./path-texts.ts";
import { PreviewPanel } from "./preview/preview-panel.tsx";
import { usePreview } from "./preview/use-preview.ts";
import { useApply } from "./use-apply.ts";

type Fields = FormState & { readonly reason: string };
const nothing: ReadonlyMap<string, string> = new Map();

/** One golden path: the form left, what it would do right, live. */
export function PathView({ slug }: { readonly slug: PathSlug }) {
  const search = useSearchParams();
  const { change: changeUrl } = useUrlState();
  const texts = pathTexts[slug];
  const form = useForm<Fields>({ defaultValues: { ...fromValues(prefilledValues(search.get("values"))), reason: "" } });
  const watched = useWatch({ control: form.control });
  const state: Fields = { ...form.getValues(), ...(watched as Fields) };
  const [tried, setTried] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const options = usePortalQuery(queryKeys.options(slug), goldenPathOptions, endpoints.goldenPathOptions(slug), 5000);
  const checked = checkForm(slug, state);
  const mayPreview = useMe().capabilities.preview;
  const preview = usePreview(slug, checked.complete && mayPreview ? checked.values : null);
  const { change, follow, sending, error, clearError, apply } = useApply(slug);
  const refused = error instanceof PortalError ? error : null;
  const conflict = refused?.code === "conflict";

  const set = (partial: Partial<FormState>) => {
    for (const [name, value] of Object.entries(partial)) {
      form.setValue(name as keyof FormState, value as never, { shouldDirty: true });
    }
  };
  const serialized = JSON.stringify(toValues(slug, state));
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    changeUrl({ values: serialized });
  }, [serialized, changeUrl]);

  const busy = sending || change?.state === "applying";
  const ready = preview.data !== undefined && !preview.outdated && preview.data.applicable && !busy;
  const send = (confirmation: string, force: boolean) => {
    setConfirming(false);
    clearError();
    if (preview.data && checked.complete) {
      void apply({ preview: preview.data, values: checked.values, reason: state.reason, confirmation, force });
    }
  };
  const submit = () => {
    setTried(true);
    if (!ready || !preview.data) {
      return;
    }
    if (preview.data.confirmWord === "") {
      send("", false);
    } else {
      setConfirming(true);
    }
  };
  const incomplete = !mayPreview
    ? "Previews and changes are for developers and platform engineers. You see what the form asks, and every change in the history."
    : checked.complete
      ? ""
      : "Fill in the form: what it would do appears here as you go.";

  return (
    <main className="gp" id="content" tabIndex={-1}>
      <form
        className="form"
        aria-label={texts.title}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
            event.preventDefault();
            submit();
          }
        }}
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
          {options.isPending && <LoadingLine>Asking the mesh what there is</LoadingLine>}
          {options.data && (
            <>
              <PathFields
                slug={slug}
                options={options.data}
                form={state}
                set={set}
                problems={tried && !checked.complete ? checked.problems : nothing}
              />
              <Field id="reason" label="Why" optional hint="Stands in the history and the audit">
                <div className="input is-area">
                  <textarea id="reason" rows={2} maxLength={500} {...form.register("reason")} />
                </div>
              </Field>
            </>
          )}
        </div>
        <FormFoot
          preview={preview.data}
          mayPreview={mayPreview}
          lacks={checked.complete ? "" : ([...checked.problems.values()][0] ?? "")}
          ready={ready}
          sending={sending}
          change={change}
          onUndo={follow}
          problem={conflict || !error ? "" : userMessageOf(error)}
        />
      </form>
      <PreviewPanel
        form={state}
        preview={preview.data}
        outdated={preview.outdated}
        incomplete={incomplete}
        error={preview.error}
        onRetry={() => void preview.refetch()}
        onRepair={(values) => set(fromValues({ ...toValues(slug, state), ...values }))}
      />
      {confirming && preview.data && (
        <ConfirmDialog
          preview={preview.data}
          onClose={() => setConfirming(false)}
          onConfirm={(word) => send(word, false)}
        />
      )}
      {conflict && (
        <ConflictDialog
          conflicts={refused.problem?.conflicts ?? []}
          message={refused.userMessage}
          onClose={() => {
            clearError();
            void preview.refetch();
          }}
          onOverwrite={() => send(preview.data?.confirmWord ?? "", true)}
        />
      )}
    </main>
  );
}

"use client";

import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { goldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { rolloutOptions } from "@/server/contracts/rollouts.ts";
import { Field } from "../../golden-paths/fields/field.tsx";
import { ReasonField } from "../../golden-paths/fields/reason-field.tsx";
import { TextField } from "../../golden-paths/fields/text-field.tsx";
import { approversOf } from "../../golden-paths/form/foot-words.ts";
import { shownProblems } from "../../golden-paths/form/shown-problems.ts";
import { FormSkeleton } from "../../golden-paths/form-skeleton.tsx";
import { AddButton } from "../../golden-paths/inputs/row-button.tsx";
import { Toggle } from "../../golden-paths/inputs/toggle.tsx";
import { RestrictedNote } from "../../golden-paths/restricted-note.tsx";
import { PortalError, userMessageOf } from "../../query/portal-error.ts";
import { queryKeys } from "../../query/query-keys.ts";
import { useMe } from "../../query/use-me.tsx";
import { usePortalQuery } from "../../query/use-portal-query.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { PageHead } from "../../ui/page.tsx";
import { QueryFailure } from "../../ui/query-states.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { lacksWords, memberProblems, mostMembers, refusedOf } from "./bundle-draft.ts";
import { BundleFoot } from "./bundle-foot.tsx";
import { BundlePreview } from "./bundle-preview.tsx";
import { MemberCard } from "./member-card.tsx";
import { useBundleForm } from "./use-bundle-form.ts";
import { useBundlePreviews, useBundleStart } from "./use-bundle-start.ts";

const slug = "release-a-version";

/** "Release several services together": the releases left, what starting them would do right, live. */
export function NewBundleView() {
  const mayPreview = useMe().capabilities.preview;
  const element = useRef<HTMLFormElement>(null);
  const options = usePortalQuery(queryKeys.rolloutOptions, rolloutOptions, endpoints.rolloutsOptions, 5000);
  const known = usePortalQuery(queryKeys.options(slug), goldenPathOptions, endpoints.goldenPathOptions(slug), 10_000);
  const form = useBundleForm();
  const { members, title, order, abortTogether } = form;
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const ranges = known.data?.ranges;
  const checked = useMemo(() => {
    const drafts = members.map(({ draft }) => draft);
    return drafts.map((_, at) => memberProblems(drafts, at, ranges));
  }, [members, ranges]);
  const specs = useMemo(() => checked.map(({ spec }) => (mayPreview ? spec : null)), [checked, mayPreview]);
  const previews = useBundlePreviews(specs);
  const { start, sending, error, clearError } = useBundleStart();
  const refused = error instanceof PortalError ? (error.problem?.fields ?? []) : [];
  const lacks = lacksWords(
    checked.map(({ problems }) => problems),
    title,
  );
  const ready =
    lacks === "" &&
    !sending &&
    previews.every(({ data, outdated }) => data !== undefined && !outdated && data.first.applicable);
  const submit = () => {
    setTried(true);
    clearError();
    const complete = specs.flatMap((spec) => (spec === null ? [] : [spec]));
    if (lacks !== "") {
      requestAnimationFrame(() =>
        element.current?.querySelector<HTMLElement>(".is-wrong :is(input, button, textarea)")?.focus(),
      );
    } else if (ready) {
      void start({ title: title.trim(), order, abortTogether, specs: complete, reason });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      submit();
    }
  };
  const approvers = [...new Set(previews.flatMap(({ data }) => (data ? [approversOf(data.first)] : [])))]
    .filter((names) => names !== "")
    .join(", ");
  return (
    <main className="gp" id="content" tabIndex={-1}>
      <form
        ref={element}
        className="form"
        aria-label="Release several services together"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        onKeyDown={onKeyDown}
      >
        <PageHead
          title="Release several services together"
          crumb={
            <>
              <AppLink href="/rollouts">Rollouts</AppLink> / new bundle
            </>
          }
        />
        <div className="fields">
          {options.error && !options.data && (
            <QueryFailure error={options.error} onRetry={() => void options.refetch()} />
          )}
          {options.isPending && <FormSkeleton />}
          {options.data && (
            <>
              <RestrictedNote slug={slug} />
              <TextField
                name="title"
                label="Title"
                value={title}
                placeholder="checkout 3.0"
                hint="So it is called in the list"
                onChange={form.setTitle}
              />
              <Field group label="Order">
                <Segmented
                  label="Order"
                  value={order}
                  options={[
                    { value: "in-order", label: "One after another" },
                    { value: "together", label: "All together" },
                  ]}
                  onChange={form.setOrder}
                />
              </Field>
              <Toggle
                title="Go back together"
                checked={abortTogether}
                testId="abort-together"
                onChange={form.setAbortTogether}
              >
                One that goes back takes all of them back, the completed ones too
              </Toggle>
              {members.map((member, at) => (
                <MemberCard
                  key={member.key}
                  form={form}
                  member={member}
                  at={at}
                  options={options.data}
                  known={known.data}
                  ranges={ranges ?? []}
                  problems={
                    checked[at]?.spec === null
                      ? shownProblems(checked[at].problems, member.filling.settled, tried)
                      : refusedOf(refused, at)
                  }
                  preview={previews[at]}
                />
              ))}
              {members.length < mostMembers && (
                <AddButton testId="add-member" onClick={form.add}>
                  Add a release
                </AddButton>
              )}
              <ReasonField reason={reason} onChange={setReason} approvers={approvers} />
            </>
          )}
        </div>
        <BundleFoot
          previews={previews}
          mayPreview={mayPreview}
          lacks={options.data ? lacks : ""}
          approvers={approvers}
          ready={ready}
          sending={sending}
          problem={error ? userMessageOf(error) : ""}
        />
      </form>
      <BundlePreview
        form={form}
        previews={previews}
        lacks={checked.map(({ problems }) => problems.values().next().value ?? "")}
        mayPreview={mayPreview}
      />
    </main>
  );
}

"use client";

import { Emphasised } from "../../golden-paths/preview/emphasised.tsx";
import { FindingsPane } from "../../golden-paths/preview/findings-pane.tsx";
import { namesOf } from "../../golden-paths/preview/names-of.ts";
import { userMessageOf } from "../../query/portal-error.ts";
import { classNames } from "../../ui/class-names.ts";
import { count, duration } from "../../ui/format.ts";
import { LoadingLine } from "../../ui/query-states.tsx";
import { Note } from "../../ui/states.tsx";
import { checkRelease, readRelease } from "../form/release-draft.ts";
import { QueueNote } from "../preview/queue-note.tsx";
import { releaseSentence } from "../preview/release-sentence.ts";
import { leastOf, orderSentence } from "./bundle-time.ts";
import { OrderPicture } from "./order-picture.tsx";
import type { BundleForm, BundleMember } from "./use-bundle-form.ts";
import type { MemberPreview } from "./use-bundle-start.ts";

interface BundlePreviewProps {
  readonly form: BundleForm;
  readonly previews: readonly MemberPreview[];
  /** What each release lacks before it can be looked at; empty when nothing. */
  readonly lacks: readonly string[];
  /** Nobody of this role starts releases; nothing is previewed. */
  readonly mayPreview: boolean;
}

const nameOf = ({ draft: { service, canary } }: BundleMember, at: number): string =>
  service ? `${service.name} ${canary}`.trim() : `release ${at + 1}`;

/** What starting a bundle would do: the order, the least time, then each release with what there is to say about it. */
export function BundlePreview({ form, previews, lacks, mayPreview }: BundlePreviewProps) {
  const { members, order, abortTogether } = form;
  const names = members.map(nameOf);
  const each = previews.map(({ data }) => data?.leastMs);
  const least = leastOf(order, each);
  const known = each.every((ms) => ms !== undefined);
  return (
    <section className="preview bundle-preview" aria-label="What this would do">
      <div className="pane">
        <div className="say">
          <p data-testid="bundle-sentence">
            <Emphasised sentence={orderSentence(order, abortTogether, names)} names={names} />
          </p>
        </div>
        <dl className="preview-figs">
          <div>
            <dt className="cap">Releases</dt>
            <dd className="fig tn">{count(members.length)}</dd>
          </div>
          <div>
            <dt className="cap">{known && least === null ? "Goes on when" : "Takes at least"}</dt>
            <dd className="fig tn" data-testid="bundle-least">
              {known ? (least === null ? "somebody promotes it" : duration(least)) : "–"}
            </dd>
          </div>
        </dl>
        <OrderPicture
          order={order}
          releases={members.map((member, at) => ({
            key: member.key,
            name: names[at] ?? "",
            leastMs: previews[at]?.data?.leastMs,
          }))}
        />
        <ol>
          {members.map((member, at) => (
            <Member
              key={member.key}
              at={at}
              member={member}
              preview={previews[at]}
              lacks={lacks[at] ?? ""}
              mayPreview={mayPreview}
              onRepair={(values) => form.setMember(member.key, readRelease(values))}
            />
          ))}
        </ol>
      </div>
    </section>
  );
}

interface MemberProps {
  readonly at: number;
  readonly member: BundleMember;
  readonly preview: MemberPreview | undefined;
  readonly lacks: string;
  readonly mayPreview: boolean;
  readonly onRepair: (values: Record<string, unknown>) => void;
}

function Member({ at, member, preview, lacks, mayPreview, onRepair }: MemberProps) {
  const { draft } = member;
  const checked = checkRelease(draft);
  return (
    <li
      className={classNames("member-preview", preview?.outdated && "is-stale")}
      data-testid={`member-preview-${at}`}
      aria-busy={preview?.outdated}
    >
      <h2 className="sm strong member-name">
        {at + 1}. {draft.service ? `${draft.service.name} ${draft.stable} to ${draft.canary}` : "Choose a service"}
      </h2>
      {preview?.error ? (
        <div className="member-says">
          <Note tone="error">{userMessageOf(preview.error)}</Note>
        </div>
      ) : preview?.data ? (
        <>
          <p className="member-says t2">
            <Emphasised
              sentence={checked.complete ? releaseSentence(checked.spec) : preview.data.first.sentence}
              names={[...namesOf(draft), draft.stable, draft.canary]}
            />
          </p>
          <div className="member-says">
            <QueueNote preview={preview.data} />
          </div>
          {preview.data.first.blockedBecause !== "" && (
            <p className="member-says sm c-error">{preview.data.first.blockedBecause}</p>
          )}
          <FindingsPane findings={preview.data.first.findings} onRepair={onRepair} />
        </>
      ) : mayPreview && lacks === "" ? (
        <LoadingLine>Looking at what it would do</LoadingLine>
      ) : (
        <p className="member-says cap">
          {mayPreview
            ? draft.service
              ? lacks
              : "What it would do appears here once service and versions are chosen."
            : "Only developers and platform engineers see what it would do."}
        </p>
      )}
    </li>
  );
}

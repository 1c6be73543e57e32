import type { RolloutSummary } from "@/server/contracts/rollouts.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { classNames } from "../../ui/class-names.ts";
import { count } from "../../ui/format.ts";
import { ScrollX } from "../../ui/scroll-x.tsx";
import { SkeletonRows } from "../../ui/states.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { MiniTrack } from "../track/mini-track.tsx";
import { RolloutStateBadge } from "../words/rollout-state-badge.tsx";
import { damageWords, hasEnded, kindTexts, percent, queueWords, stateWords, titleOf } from "../words/rollout-words.ts";

interface RolloutsTableProps {
  /** Undefined while they are read. */
  readonly rollouts: readonly RolloutSummary[] | undefined;
  readonly stale: boolean;
  /** All of them are in the bundle that the page is about. */
  readonly within?: boolean;
}

/** Releases with where they stand and what they cost callers. */
export function RolloutsTable({ rollouts, stale, within = false }: RolloutsTableProps) {
  return (
    <ScrollX label="Releases" className={classNames(stale && "is-stale")}>
      <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties} data-testid="rollouts">
        <thead>
          <tr>
            <th scope="col">Release</th>
            <th scope="col">State</th>
            <th scope="col">Steps</th>
            <th scope="col">Versions</th>
            <th scope="col" className="num">
              Share
            </th>
            <th scope="col" className="num">
              Answered
            </th>
            <th scope="col" className="num">
              Failed
            </th>
            <th scope="col">Who</th>
            <th scope="col" className="num">
              When
            </th>
          </tr>
        </thead>
        {rollouts === undefined ? (
          <SkeletonRows widths={[220, 100, 96, 70, 40, 50, 40, 60, 40]} />
        ) : (
          <tbody>
            {rollouts.map((rollout) => (
              <Row key={rollout.id} rollout={rollout} within={within} />
            ))}
          </tbody>
        )}
      </table>
    </ScrollX>
  );
}

/** A member of a bundle may wait for its bundle, and not in the queue of its service. */
const waitWords = ({ queuePlace, bundle, headline }: RolloutSummary): string =>
  queuePlace > 0 && bundle === null ? queueWords(queuePlace) : headline;

function Row({ rollout, within }: { readonly rollout: RolloutSummary; readonly within: boolean }) {
  const { id, number, service, kind, state, headline, weight, bundle, queuePlace, reason } = rollout;
  return (
    <tr data-testid={`rollout-${number}`} data-state={state}>
      <td style={{ whiteSpace: "normal", minWidth: 240, height: 50, paddingBlock: 6 }}>
        <AppLink className="svc rowlink" href={`/rollouts/${id}`} title={reason === "" ? undefined : reason}>
          {titleOf(rollout)}
        </AppLink>
        <span className="cap" style={{ display: "block" }}>
          {number} · {service.namespace}, {kindTexts[kind].title.toLowerCase()}
          {bundle && !within && `, in ${bundle.title}`}
        </span>
        <span className="cap only-narrow">
          {percent(weight)}, {damageWords(rollout)}
        </span>
      </td>
      <td>
        <RolloutStateBadge state={state} />
        {(queuePlace > 0 || headline !== stateWords[state]) && (
          <span className="cap state-words" title={headline}>
            {waitWords(rollout)}
          </span>
        )}
      </td>
      <td>
        <MiniTrack {...rollout} />
      </td>
      <td className="nowrap">
        <span className="ver">{rollout.stable}</span> <span className="t3">to</span>{" "}
        <span className="ver is-canary" style={{ marginLeft: 4 }}>
          {rollout.canary}
        </span>
      </td>
      <td className={hasEnded(state) ? "num t2" : "num"}>{percent(weight)}</td>
      <td className="num">{count(rollout.canaryRequests)}</td>
      <td className={rollout.canaryErrors > 0 ? "num c-error" : "num t3"}>{count(rollout.canaryErrors)}</td>
      <td className="t2">{rollout.startedBy.name}</td>
      <td className="num t2">
        <TimeAgo at={rollout.createdUnixMs} />
      </td>
    </tr>
  );
}

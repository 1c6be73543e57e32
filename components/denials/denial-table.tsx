"use client";

import {
  ArrowRight,
  Ban,
  ChevronDown,
  ChevronRight,
  Gauge,
  KeyRound,
  LockOpen,
  type LucideIcon,
  MessageCircleX,
} from "lucide-react";
import { Fragment } from "react";
import type { DenialGroup, DenialReason } from "@/server/contracts/denials.ts";
import { windowWords } from "../query/time-window.ts";
import { classNames } from "../ui/class-names.ts";
import { count } from "../ui/format.ts";
import { ScrollX } from "../ui/scroll-x.tsx";
import { SkeletonRows } from "../ui/states.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { useStableOrder } from "../ui/use-stable-order.ts";
import { DenialDetail } from "./denial-detail.tsx";
import { TrendBars } from "./trend-bars.tsx";

const icons: Partial<Record<DenialReason, LucideIcon>> = {
  "plain-text-under-strict": LockOpen,
  "certificate-expired": KeyRound,
  "certificate-untrusted": KeyRound,
  "certificate-invalid": KeyRound,
  "token-invalid": KeyRound,
  "rate-limited": Gauge,
  "refused-by-authorizer": MessageCircleX,
  "authorizer-unavailable": MessageCircleX,
};

interface DenialTableProps {
  /** Undefined while loading. */
  readonly groups: readonly DenialGroup[] | undefined;
  readonly windowSeconds: number;
  readonly open: string | null;
  readonly setOpen: (id: string | null) => void;
}

/** Alike refusals in one row; a row opens into the whole story. */
export function DenialTable({ groups, windowSeconds, open, setOpen }: DenialTableProps) {
  const ordered = useStableOrder(groups, (group) => group.id, "start");
  return (
    <ScrollX label="Refusals">
      <table className="table den" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
        <thead>
          <tr>
            <td className="ex" />
            <th scope="col">Caller and service</th>
            <th scope="col">Request</th>
            <th scope="col">Reason</th>
            <th scope="col">Decided at</th>
            <th scope="col">Answer</th>
            <th scope="col" className="num">
              {windowWords(windowSeconds)}
            </th>
            <th scope="col">Trend, 1 h</th>
            <th scope="col" className="num">
              Last
            </th>
          </tr>
        </thead>
        {ordered === undefined ? (
          <SkeletonRows widths={[16, 150, 80, 150, 60, 40, 48, 96, 40]} />
        ) : (
          <tbody>
            {ordered.map((group) => {
              const opened = open === group.id;
              const Icon = icons[group.reason] ?? Ban;
              const toggle = () => setOpen(opened ? null : group.id);
              return (
                <Fragment key={group.id}>
                  <tr
                    className={classNames(opened && "open")}
                    data-testid={`denial-${group.from}-${group.to}`}
                    style={{ cursor: "pointer" }}
                    onClick={(event) => {
                      if (!(event.target instanceof Element && event.target.closest("a, button"))) {
                        toggle();
                      }
                    }}
                  >
                    <td className="ex">
                      <button
                        type="button"
                        className="btn is-ghost is-icon is-s"
                        aria-expanded={opened}
                        aria-label={`${opened ? "Close" : "Open"}: ${group.sentence}`}
                        onClick={toggle}
                      >
                        {opened ? (
                          <ChevronDown className="ic ic-14" aria-hidden="true" />
                        ) : (
                          <ChevronRight className="ic ic-14" aria-hidden="true" />
                        )}
                      </button>
                    </td>
                    <td>
                      <span className={group.caller.principal === "" ? "svc t3" : "svc"}>{group.caller.title}</span>{" "}
                      <ArrowRight className="ic ic-12 inl t3" role="img" aria-label="to" />{" "}
                      <span className="svc">{group.service.name}</span>
                    </td>
                    <td>
                      <span className="mono req">{requestWords(group)}</span>
                    </td>
                    <td>
                      <span className="row" style={{ gap: 6 }}>
                        <Icon className="ic ic-14 c-denied" aria-hidden="true" />
                        {group.reasonTitle}
                        {/* Two policies can refuse the same request for the same reason. */}
                        {group.policy && (
                          <span className="xs t3 trunc den-by" title={`${group.policy.namespace}/${group.policy.name}`}>
                            {group.policy.name}
                          </span>
                        )}
                      </span>
                    </td>
                    <td className="t2">{group.enforcer}</td>
                    <td className="mono t2">{group.answerTitle}</td>
                    <td className="num" data-testid="denial-count">
                      {count(group.count)}
                    </td>
                    <td>
                      <TrendBars trend={group.trend} />
                    </td>
                    <td className="num t2">
                      <TimeAgo at={group.lastUnixMs} />
                    </td>
                  </tr>
                  {opened && (
                    <tr className="detail">
                      <td colSpan={9}>
                        <DenialDetail group={group} windowSeconds={windowSeconds} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        )}
      </table>
    </ScrollX>
  );
}

/** Layer 4 has no method and path. */
export const requestWords = ({ method, path, port }: Pick<DenialGroup, "method" | "path" | "port">): string =>
  method === "" ? `TCP :${port}` : `${method} ${path}`;

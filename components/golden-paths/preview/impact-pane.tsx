"use client";

import { ArrowRight, Ban, Check, Equal, type LucideIcon, Minus } from "lucide-react";
import { Fragment } from "react";
import type { Impact, ImpactRow, Verdict } from "@/server/contracts/golden-paths.ts";
import { windowWords } from "../../query/time-window.ts";
import { Badge } from "../../ui/badge.tsx";
import { classNames } from "../../ui/class-names.ts";
import { count, plural, share, textOf } from "../../ui/format.ts";
import { ScrollX } from "../../ui/scroll-x.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";

const verdicts: Record<Verdict, { icon: LucideIcon; word: string; tone: string }> = {
  allowed: { icon: Check, word: "Allowed", tone: "c-ok" },
  denied: { icon: Ban, word: "Denied", tone: "c-denied" },
  unknown: { icon: Minus, word: "Not known", tone: "t3" },
};

function State({ verdict, quiet }: { readonly verdict: Verdict; readonly quiet: boolean }) {
  const { icon: Icon, word, tone } = verdicts[verdict];
  return (
    <span className={classNames("st", quiet ? "t3" : tone)}>
      <Icon className="ic ic-14" aria-hidden="true" />
      {word}
    </span>
  );
}

interface ImpactPaneProps {
  readonly impact: Impact;
  /** `<namespace>/<service account>` that the form names. */
  readonly named: ReadonlySet<string>;
}

/** What a change would do to the traffic that was seen: who gains, who is cut off, who stays. */
export function ImpactPane({ impact, named }: ImpactPaneProps) {
  if (impact.unknownBecause !== undefined) {
    return (
      <p className="t2 sm" data-testid="impact-unknown" style={{ padding: "10px var(--page-x) 16px" }}>
        {impact.unknownBecause}
      </p>
    );
  }
  const unit = impact.rows.some((row) => row.unit === "requests") ? "request" : "connection";
  const groups = Map.groupBy(impact.rows, (row) => `${row.caller.namespace}/${row.caller.title}`);
  return (
    <>
      <div className="delta" data-testid="impact">
        <div>
          <span
            className={classNames("fig row", impact.becomeAllowed.count > 0 && "c-ok")}
            data-testid="become-allowed"
          >
            <Check className="ic" aria-hidden="true" />
            {impact.becomeAllowed.count > 0 && "+"}
            {count(impact.becomeAllowed.count)}
          </span>
          <span className="cap">
            {unit}s become allowed
            {impact.becomeAllowed.callers > 0 && `, ${plural(impact.becomeAllowed.callers, "caller")}`}
          </span>
        </div>
        <div>
          <span
            className={classNames("fig row", impact.becomeDenied.count > 0 && "c-denied")}
            data-testid="become-denied"
          >
            <Ban className="ic" aria-hidden="true" />
            {count(impact.becomeDenied.count)}
          </span>
          <span className="cap">
            {unit}s become denied
            {impact.becomeDenied.callers > 0 && `, ${plural(impact.becomeDenied.callers, "caller")}`}
          </span>
        </div>
        <div>
          <span className="fig row">
            <Equal className="ic t3" aria-hidden="true" />
            {count(impact.unchanged.count)}
          </span>
          <span className="cap">
            {unit}s stay as they are{impact.unknown.count > 0 && `, ${count(impact.unknown.count)} not known`}
          </span>
        </div>
      </div>
      {impact.rows.length === 0 ? (
        <p className="t2 sm" style={{ padding: "4px var(--page-x) 16px" }}>
          {impact.notes.length > 0
            ? impact.notes.join(" ")
            : "No traffic was seen that this could touch. It will hold for what comes."}
        </p>
      ) : (
        <ScrollX label="Impact on observed traffic">
          <table className="table impact">
            <thead>
              <tr>
                <th scope="col" colSpan={2}>
                  Caller and request
                </th>
                <th scope="col" className="num">
                  {windowWords(impact.windowSeconds)}
                </th>
                <th scope="col" className="part hide-narrow">
                  Share
                </th>
                <th scope="col">Now</th>
                <td />
                <th scope="col">Then</th>
                <th scope="col" className="num hide-narrow">
                  Seen
                </th>
              </tr>
            </thead>
            <tbody>
              {[...groups].map(([key, rows]) => (
                <Fragment key={key}>
                  <tr className="grp">
                    <td colSpan={2}>
                      <b className="strong">{rows[0]?.caller.title}</b>{" "}
                      <span className="t3 xs">{rows[0]?.caller.namespace}</span>
                    </td>
                    <td className="num t3">{count(rows.reduce((sum, row) => sum + row.count, 0))}</td>
                    <td colSpan={5}>{isNamed(rows[0], named) && <Badge tone="accent">named in this form</Badge>}</td>
                  </tr>
                  {rows.map((row) => (
                    <Row
                      key={`${row.service.namespace}/${row.service.name} ${row.port} ${row.method} ${row.path} ${row.before}`}
                      row={row}
                    />
                  ))}
                </Fragment>
              ))}
            </tbody>
          </table>
          {impact.notes.length > 0 && (
            <p className="t2 sm" style={{ padding: "10px var(--page-x) 16px" }}>
              {impact.notes.join(" ")}
            </p>
          )}
        </ScrollX>
      )}
    </>
  );
}

function isNamed(row: ImpactRow | undefined, named: ReadonlySet<string>): boolean {
  const parts = /^[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(row?.caller.principal ?? "");
  return parts !== null && named.has(`${parts[1]}/${parts[2]}`);
}

function Row({ row }: { readonly row: ImpactRow }) {
  const same = row.before === row.after;
  return (
    <tr
      className={same ? "same" : undefined}
      data-testid={`impact-${row.caller.title}-${row.service.name}`}
      data-before={row.before}
      data-after={row.after}
    >
      <td className="m">
        <span className="verb">{row.method === "" ? "TCP" : row.method}</span>
      </td>
      <td>
        <span className="mono p">
          {row.method === "" ? `:${row.port}` : row.path} <span className="t3">{row.service.name}</span>
        </span>
      </td>
      <td className="num">{count(row.count)}</td>
      <td className="num part hide-narrow">{textOf(share(row.share))}</td>
      <td>
        <State verdict={row.before} quiet={same} />
      </td>
      <td className="ar">{!same && <ArrowRight className="ic ic-14 t3" aria-hidden="true" />}</td>
      <td className="then">
        {same && row.after !== "unknown" ? (
          <span className="t3">stays</span>
        ) : (
          <State verdict={row.after} quiet={same} />
        )}
        {row.reason !== "" && <span className="why">{row.reason}</span>}
      </td>
      <td className="num seen hide-narrow">{row.lastUnixMs > 0 && <TimeAgo at={row.lastUnixMs} />}</td>
    </tr>
  );
}

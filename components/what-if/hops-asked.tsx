import { Ban, Check, CircleHelp, Lock, type LucideIcon } from "lucide-react";
import { Fragment } from "react";
import type { Verdict } from "@/server/contracts/golden-paths.ts";
import type { WhatIf, WhatIfHop } from "@/server/contracts/what-if.ts";
import { classNames } from "../ui/class-names.ts";
import { SpiffeId } from "../ui/spiffe-id.tsx";

const verdicts: Record<Verdict, { icon: LucideIcon; tone: string; word: string }> = {
  allowed: { icon: Check, tone: "c-ok", word: "lets it through" },
  denied: { icon: Ban, tone: "c-denied", word: "refuses" },
  unknown: { icon: CircleHelp, tone: "c-info", word: "is not known" },
};

interface HopsAskedProps {
  readonly answer: WhatIf;
  readonly caller: string;
  readonly service: string;
}

/** The way of the request, drawn, and below it what each place says. */
export function HopsAsked({ answer: { hops, verdict }, caller, service }: HopsAskedProps) {
  const stopped = verdict === "denied";
  const refused = hops.findIndex((hop) => hop.verdict === "denied");
  const refusedAt = refused < 0 ? hops.length : refused;
  return (
    <>
      <div className="hops" aria-hidden="true">
        <div className="hop">
          <span className="hn">{caller}</span>
          <span className="cap">calls</span>
        </div>
        {hops.map((hop, index) => {
          const { icon: Icon, tone } = verdicts[hop.verdict];
          return (
            <Fragment key={`${hop.at} ${hop.enforcer}`}>
              <div className={index > refusedAt ? "ln no" : "ln"}>
                <span>
                  {index > refusedAt ? (
                    "never sent"
                  ) : hop.principal === "" ? (
                    "plain text"
                  ) : (
                    <>
                      mTLS <Lock className="ic ic-12" />
                    </>
                  )}
                </span>
              </div>
              <div className={index === refusedAt ? "hop is-stop" : index > refusedAt ? "hop is-dim" : "hop"}>
                <span className="hn">
                  <Icon className={`ic ic-14 ${tone}`} />
                  {hop.at}
                </span>
                <span className="cap">{hop.enforcer.replace(new RegExp(`^${hop.at}s? `), "")}</span>
              </div>
              {index === hops.length - 1 && (
                <div className={stopped ? "ln no" : "ln"}>{stopped && <span>never sent</span>}</div>
              )}
            </Fragment>
          );
        })}
        {hops.length === 0 && <div className="ln" />}
        <div className={stopped ? "hop is-dim" : "hop"}>
          <span className="hn">{service}</span>
          <span className="cap">{stopped ? "hears nothing" : "answers"}</span>
        </div>
      </div>
      {hops.length === 0 ? (
        <p className="cap">Nobody on the way enforces anything.</p>
      ) : (
        <ol className="asked">
          {hops.map((hop) => (
            <Hop key={`${hop.at} ${hop.enforcer}`} hop={hop} />
          ))}
        </ol>
      )}
    </>
  );
}

function Hop({ hop }: { readonly hop: WhatIfHop }) {
  const { icon: Icon, tone, word } = verdicts[hop.verdict];
  return (
    <li data-testid={`what-if-hop-${hop.at}`} data-verdict={hop.verdict}>
      <p className="row">
        <Icon className={`ic ic-14 ${tone}`} aria-hidden="true" />
        <span className="grow">
          <b className="med">{hop.enforcer}</b>{" "}
          <span className={classNames(hop.verdict === "denied" ? "c-denied" : "t2")}>{word}</span>
        </span>
      </p>
      <p className="t2">{hop.reason}</p>
      <dl className="kv">
        <dt>Sees</dt>
        <dd>
          <SpiffeId id={hop.principal} />
        </dd>
        {hop.policy !== "" && (
          <>
            <dt>Policy</dt>
            <dd className="mono">
              {hop.policy}
              {hop.rule >= 0 && <span className="t3"> rule {hop.rule + 1}</span>}
            </dd>
          </>
        )}
        {hop.attribute !== "" && (
          <>
            <dt>Attribute</dt>
            <dd className="mono">{hop.attribute}</dd>
          </>
        )}
        {hop.asks.length > 0 && (
          <>
            <dt>Asks</dt>
            <dd>{hop.asks.join(", ")}, whose answer is not known here</dd>
          </>
        )}
      </dl>
    </li>
  );
}

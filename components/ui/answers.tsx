import { Fragment } from "react";
import type { AnswerCount } from "@/server/contracts/traffic.ts";
import { count, share, textOf } from "./format.ts";

/** What was answered: status, response flag, count and share. */
export function Answers({ answers }: { readonly answers: readonly AnswerCount[] }) {
  if (answers.length === 0) {
    return <p className="cap">No answers in this window.</p>;
  }
  return (
    <div className="codes">
      {answers.map((answer) => {
        const failed = answer.code >= 500;
        const refused = answer.flags === "RBAC_ACCESS_DENIED" || answer.flags === "DENY";
        const colour = refused ? "var(--denied-fill)" : failed ? "var(--error-fill)" : "var(--edge)";
        return (
          <Fragment key={`${answer.code} ${answer.flags}`}>
            <span className={refused ? "mono c-denied" : failed ? "mono c-error" : "mono"}>
              {answer.code === 0 ? "TCP" : answer.code}
              {answer.flags !== "-" && (
                <span className="t3" title="Response flag">
                  {" "}
                  {answer.flags === "RBAC_ACCESS_DENIED" ? "RBAC" : answer.flags}
                </span>
              )}
            </span>
            <div className="bar">
              <i style={{ width: `${answer.share * 100}%`, minWidth: 2, background: colour }} />
            </div>
            <span className="num">{count(answer.count)}</span>
            <span className="num t3">{textOf(share(answer.share))}</span>
          </Fragment>
        );
      })}
    </div>
  );
}

"use client";

import { CirclePause } from "lucide-react";
import type { BehindTheScenes } from "@/server/contracts/traffic.ts";
import { Countdown } from "../../ui/countdown.tsx";
import { ejectionWords } from "../../ui/ejection-words.ts";
import { count, shareShort } from "../../ui/format.ts";
import { PanelSection } from "./panel-frame.tsx";

interface BehindSectionProps {
  readonly behind: BehindTheScenes;
  /** "last 5 min". */
  readonly words: string;
  /** Whose traffic it is: the figures are of all callers together. */
  readonly whose: string;
}

interface Line {
  readonly title: string;
  readonly value: number;
  readonly note?: string;
  readonly tone?: string;
}

function linesOf(behind: BehindTheScenes): Line[] {
  const { retries, retriesSucceeded, retriesForbidden } = behind;
  return [
    {
      title: "Retries",
      value: retries,
      ...(retries > 0 && {
        note: `${count(retriesSucceeded)} ended well, ${shareShort(retriesSucceeded / retries)}`,
      }),
    },
    { title: "Retries not allowed", value: retriesForbidden, note: "by a budget or limit", tone: "c-warn" },
    { title: "Timeouts", value: behind.timeouts, tone: "c-warn" },
    { title: "Turned away", value: behind.overflows, note: "at a limit of connections or requests", tone: "c-warn" },
    { title: "Rate limited", value: behind.rateLimited, note: "answered 429", tone: "c-denied" },
    { title: "Faults injected", value: behind.faultsInjected, note: "on purpose" },
    { title: "Mirrored", value: behind.mirrored, note: "copies, answers ignored" },
    { title: "Pods taken out", value: behind.ejections, note: "since they failed", tone: "c-warn" },
  ];
}

/** What proxies did for callers without their noticing, and the pods that get nothing for now. */
export function BehindSection({ behind, words, whose }: BehindSectionProps) {
  const lines = linesOf(behind).filter(({ value, title }) => value > 0 || title === "Retries");
  const quiet = lines.every(({ value }) => value === 0) && behind.ejected.length === 0;
  return (
    <PanelSection title="Behind the scenes" note={`${whose}, ${words}`}>
      <div data-testid="behind">
        {quiet ? (
          <p className="cap">Nothing: no retry, no timeout, nothing turned away.</p>
        ) : (
          <table className="reqs">
            <tbody>
              {lines.map(({ title, value, note, tone }) => (
                <tr key={title}>
                  <td>
                    {title} {value > 0 && note && <span className="t3">{note}</span>}
                  </td>
                  <td className={value > 0 && tone ? `num tn ${tone}` : "num tn"}>{count(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {behind.ejected.length > 0 && (
          <ul className="ejected" aria-label="Pods that get no requests now">
            {behind.ejected.map(({ pod, untilUnixMs, reason }) => (
              <li key={pod}>
                <CirclePause className="ic ic-14 c-warn" aria-hidden="true" />
                <span className="grow">
                  <span className="mono">{pod.split("/").at(-1)}</span>{" "}
                  <span className="t3">{ejectionWords(reason)}</span>
                </span>
                <span className="t2">
                  back <Countdown until={untilUnixMs} otherwise="any moment" />
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </PanelSection>
  );
}

"use client";

import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { prefilledHref } from "../../query/prefilled-href.ts";
import { Button, LinkButton } from "../../ui/button.tsx";

const levels: Record<Finding["level"], { icon: LucideIcon; tone: string; word: string }> = {
  error: { icon: CircleAlert, tone: "c-error", word: "Blocks" },
  warning: { icon: TriangleAlert, tone: "c-warn", word: "Warning" },
  info: { icon: Info, tone: "c-info", word: "Note" },
};

interface FindingsPaneProps {
  readonly findings: readonly Finding[];
  readonly onRepair: (values: Record<string, unknown>) => void;
}

/** What validation has to say, the gravest first, each with what repairs it. */
export function FindingsPane({ findings, onRepair }: FindingsPaneProps) {
  if (findings.length === 0) {
    return (
      <ul>
        <li className="finding">
          <CircleCheck className="ic c-ok" aria-hidden="true" />
          <div className="grow">
            <b className="strong">Nothing to say against it</b>
            <p>Names exist, the cluster accepts it, and no other rule contradicts it.</p>
          </div>
        </li>
      </ul>
    );
  }
  const order = ["error", "warning", "info"];
  const sorted = [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  return (
    <ul data-testid="findings">
      {sorted.map((finding) => {
        const { icon: Icon, tone, word } = levels[finding.level];
        const { repair, path } = finding;
        return (
          <li
            key={`${finding.code} ${finding.field} ${finding.place} ${finding.message}`}
            className="finding"
            data-testid={`finding-${finding.code}`}
          >
            <Icon className={`ic ${tone}`} role="img" aria-label={word} />
            <div className="grow">
              <p style={{ color: "var(--text)" }}>{finding.message}</p>
              {finding.place !== "" && <span className="mono place">{finding.place}</span>}
            </div>
            {repair && (
              <Button size="s" onClick={() => onRepair(repair.values)}>
                {repair.title}
              </Button>
            )}
            {path && (
              <LinkButton size="s" href={prefilledHref(path)}>
                {path.title}
              </LinkButton>
            )}
          </li>
        );
      })}
    </ul>
  );
}

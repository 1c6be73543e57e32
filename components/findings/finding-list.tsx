import { CircleAlert, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { prefilledHref } from "../query/prefilled-href.ts";
import { LinkButton } from "../ui/button.tsx";

const levels: Record<Finding["level"], { icon: LucideIcon; tone: string; word: string }> = {
  error: { icon: CircleAlert, tone: "c-error", word: "Wrong" },
  warning: { icon: TriangleAlert, tone: "c-warn", word: "Warning" },
  info: { icon: Info, tone: "c-info", word: "Note" },
};
const order = ["error", "warning", "info"];

/** What is the matter as things stand, the gravest first, each with its place and what repairs it. */
export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  const sorted = findings.toSorted((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
  return (
    <ul className="stack" style={{ gap: 0 }} data-testid="finding-list">
      {sorted.map((finding) => {
        const { icon: Icon, tone, word } = levels[finding.level];
        return (
          <li
            key={`${finding.code} ${finding.place} ${finding.message}`}
            className="line"
            data-testid={`finding-${finding.code}`}
          >
            <Icon className={`ic ic-14 ${tone}`} role="img" aria-label={word} />
            <span className="grow">
              {finding.message}
              {finding.place !== "" && (
                <span className="cap mono" style={{ display: "block" }}>
                  {finding.place}
                </span>
              )}
            </span>
            {finding.path && (
              <LinkButton size="s" href={prefilledHref(finding.path)} title={finding.path.reason}>
                {finding.path.title}
              </LinkButton>
            )}
          </li>
        );
      })}
    </ul>
  );
}

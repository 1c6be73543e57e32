import { count, shareShort } from "../ui/format.ts";
import { Section } from "../ui/page.tsx";

const fills: Readonly<Record<string, string>> = {
  plain: "var(--edge)",
  error: "var(--error-fill)",
  warn: "var(--warn-fill)",
  denied: "var(--denied-fill)",
  stable: "var(--stable-fill)",
  canary: "var(--canary-fill)",
};

interface HistogramProps {
  readonly title: string;
  readonly total: number;
  readonly bars: readonly { readonly label: string; readonly count: number; readonly tone: string }[];
  readonly testId: string;
}

/** How many answers of each kind. */
export function Histogram({ title, total, bars, testId }: HistogramProps) {
  return (
    <Section className="block" title={title}>
      <div className="codes" style={{ gridTemplateColumns: "84px 1fr 48px 52px" }} data-testid={testId}>
        {bars.map((bar) => (
          <div key={bar.label} style={{ display: "contents" }} data-label={bar.label} data-count={bar.count}>
            <span className="mono">{bar.label}</span>
            <div className="bar">
              <i
                style={{
                  width: `${(bar.count / total) * 100}%`,
                  minWidth: 2,
                  background: fills[bar.tone] ?? fills["plain"],
                }}
              />
            </div>
            <span className="num">{count(bar.count)}</span>
            <span className="num t3">{shareShort(bar.count / total)}</span>
          </div>
        ))}
      </div>
    </Section>
  );
}

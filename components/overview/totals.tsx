import type { Overview } from "@/server/contracts/overview.ts";
import { Figure } from "../ui/figure.tsx";
import { rate, share } from "../ui/format.ts";
import { Sparkline } from "../ui/sparkline.tsx";
import { Skeleton } from "../ui/states.tsx";

/** The four figures of the whole: requests, answered well, mutually authenticated, denied. */
export function Totals({ totals }: { readonly totals: Overview["totals"] | undefined }) {
  const cells = [
    { title: "Requests", figure: totals?.rps, quantity: rate, tone: "plain", className: "fig", max: undefined },
    { title: "Answered well", figure: totals?.answeredWell, quantity: share, tone: "plain", className: "fig", max: 1 },
    {
      title: "Mutually authenticated",
      figure: totals?.mtlsShare,
      quantity: share,
      tone: "mtls",
      className: "fig c-mtls",
      max: 1,
    },
    {
      title: "Denied",
      figure: totals?.deniedPerSecond,
      quantity: (value: number | null) => rate(value, "/s"),
      tone: "denied",
      className: (totals?.deniedPerSecond.value ?? 0) > 0 ? "fig c-denied" : "fig",
      max: undefined,
    },
  ] as const;
  return (
    <div className="strip4">
      {cells.map(({ title, figure, quantity, tone, className, max }) => (
        <div key={title}>
          <span className="cap">{title}</span>
          <div className="row spread">
            <span className={className}>
              {figure ? <Figure of={quantity(figure.value)} /> : <Skeleton width={64} />}
            </span>
            {figure && (
              <Sparkline
                values={figure.series.values}
                label={`${title}, trend`}
                width={96}
                height={26}
                tone={tone}
                {...(max && { max })}
              />
            )}
          </div>
        </div>
      ))}
    </div>
  );
}

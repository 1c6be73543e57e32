import { Lock, LockOpen, Signpost } from "lucide-react";

function Line({
  stroke,
  width,
  dashes,
}: {
  readonly stroke: string;
  readonly width: number;
  readonly dashes?: string;
}) {
  return (
    <svg width="26" height="12" aria-hidden="true">
      <path
        d="M0 6h26"
        stroke={stroke}
        strokeWidth={width}
        {...(dashes && { strokeDasharray: dashes })}
        strokeLinecap={dashes === dots ? "round" : "butt"}
      />
    </svg>
  );
}

const dots = ".01 6";

/** What lines and glyphs mean. */
export function Legend() {
  return (
    <div className="legend" style={{ left: 20, bottom: 16 }} role="note" aria-label="Legend">
      <span>
        <Line stroke="var(--edge)" width={3} />
        rate by width
      </span>
      <span className="lock">
        <Lock className="ic" aria-hidden="true" />
        <span className="t3">mTLS</span>
      </span>
      <span className="lock is-part">
        <LockOpen className="ic" aria-hidden="true" />
        <span className="t3">part mTLS</span>
      </span>
      <span>
        <Line stroke="var(--error)" width={2} />
        errors over 1 %
      </span>
      <span>
        <Line stroke="var(--denied)" width={1.75} dashes="5 5" />
        denied
      </span>
      <span>
        <Line stroke="var(--edge)" width={2.5} dashes={dots} />
        copies
      </span>
      <span>
        <Signpost className="ic ic-12" aria-hidden="true" />
        behind a waypoint
      </span>
    </div>
  );
}

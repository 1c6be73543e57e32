import { type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";

interface EmptyProps {
  readonly icon: LucideIcon;
  /** What is true. */
  readonly title: string;
  /** Why, or what would change it. */
  readonly children?: ReactNode;
  /** The next step. */
  readonly action?: ReactNode;
}

/** Nothing to show: what is true, and the next step. */
export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <div className="empty">
      <Icon className="ic" aria-hidden="true" />
      <b>{title}</b>
      {children && <p className="empty-text">{children}</p>}
      {action && <div className="row">{action}</div>}
    </div>
  );
}

interface FailureProps {
  /** What happened. */
  readonly title: string;
  /** What still works and what to do. */
  readonly children?: ReactNode;
  readonly onRetry?: () => void;
  readonly action?: ReactNode;
}

/** Something failed: what happened, what still works, what to do. */
export function Failure({ title, children, onRetry, action }: FailureProps) {
  return (
    <div className="empty" role="alert">
      <TriangleAlert className="ic" aria-hidden="true" />
      <b>{title}</b>
      {children && <p className="empty-text">{children}</p>}
      <div className="row">
        {onRetry && (
          <Button size="s" onClick={onRetry}>
            Try again
          </Button>
        )}
        {action}
      </div>
    </div>
  );
}

/** A grey bar of the real width, shown while loading. */
export function Skeleton({ width }: { readonly width: number }) {
  return <span className="skel" style={{ width }} aria-hidden="true" />;
}

/** Rows of skeletons that keep the place of a table; appears after 150 ms so that a quick answer does not flash. */
export function SkeletonRows({ widths, rows = 6 }: { readonly widths: readonly number[]; readonly rows?: number }) {
  const lines = Array.from({ length: rows }, (_, line) => line);
  return (
    <tbody className="is-loading" aria-hidden="true">
      {lines.map((line) => (
        <tr key={line}>
          {widths.map((width, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: fixed columns
            <td key={column}>{width > 0 && <Skeleton width={width * (1 - ((line * 7 + column * 3) % 5) * 0.09)} />}</td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

/** A message inside a page. */
export function Note({
  tone,
  icon: Icon,
  children,
}: {
  readonly tone?: "warn" | "error" | "info";
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}) {
  return (
    <div className={tone ? `note is-${tone}` : "note"} role={tone === "error" ? "alert" : undefined}>
      {Icon && <Icon className="ic ic-14" aria-hidden="true" />}
      <div className="grow">{children}</div>
    </div>
  );
}

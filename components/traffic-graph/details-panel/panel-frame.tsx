"use client";

import { Link2, X } from "lucide-react";
import type { ReactNode } from "react";
import { toast } from "sonner";
import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import { titleOf, userMessageOf } from "../../query/portal-error.ts";
import { prefilledHref } from "../../query/prefilled-href.ts";
import { IconButton, LinkButton } from "../../ui/button.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";

interface PanelFrameProps {
  readonly label: string;
  readonly title: ReactNode;
  readonly caption: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly foot?: ReactNode;
}

/** The panel beside the canvas: title, evidence, actions in a fixed foot. */
export function PanelFrame({ label, title, caption, onClose, children, foot }: PanelFrameProps) {
  const copy = () => {
    navigator.clipboard.writeText(window.location.href).then(
      () => toast("The link is copied"),
      () => toast("The address bar holds the link"),
    );
  };
  return (
    <aside className="panel is-sheet" aria-label={label} data-testid="details-panel">
      <div className="panel-head">
        <div className="row spread">
          <h2 className="trunc">{title}</h2>
          <span className="row row-1" style={{ gap: 0 }}>
            <IconButton size="s" icon={Link2} label="Copy the link to this" onClick={copy} />
            <IconButton size="s" icon={X} label="Close (Esc)" onClick={onClose} />
          </span>
        </div>
        <p className="cap" style={{ marginTop: 2, minHeight: 16 }}>
          {caption}
        </p>
      </div>
      {children}
      {foot}
    </aside>
  );
}

/** One part of a panel. */
export function PanelSection({
  title,
  note,
  first = false,
  children,
}: {
  readonly title?: string;
  readonly note?: ReactNode;
  readonly first?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <section className="panel-sec" style={first ? { borderTop: 0 } : undefined}>
      {title && (
        <header>
          <h3>{title}</h3>
          {note && <span className="cap">{note}</span>}
        </header>
      )}
      {children}
    </section>
  );
}

/** What to do about it: golden paths filled in. */
export function Suggestions({ suggestions }: { readonly suggestions: readonly Prefilled[] }) {
  if (suggestions.length === 0) {
    return null;
  }
  return (
    <div className="panel-foot">
      {suggestions.slice(0, 2).map((suggestion, index, shown) => (
        <LinkButton
          key={suggestion.title}
          href={prefilledHref(suggestion)}
          look={index === shown.length - 1 ? "primary" : "plain"}
          title={suggestion.reason}
        >
          <span className="trunc">{suggestion.title}</span>
        </LinkButton>
      ))}
    </div>
  );
}

export function PanelLoading() {
  return (
    <div className="panel-body is-loading" role="status" aria-label="Loading">
      <div className="panel-sec stack">
        {[220, 300, 180, 260].map((width) => (
          <Skeleton key={width} width={width} />
        ))}
      </div>
    </div>
  );
}

export function PanelFailure({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  return (
    <div className="panel-body">
      <Failure title={titleOf(error)} onRetry={onRetry}>
        {userMessageOf(error)}
      </Failure>
    </div>
  );
}

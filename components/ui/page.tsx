import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

/** A page that scrolls by itself; the frame around it stays. */
export function Page({ className, children }: { readonly className?: string; readonly children: ReactNode }) {
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <main className={classNames("page", className)} id="content" tabIndex={0}>
      {children}
    </main>
  );
}

interface PageHeadProps {
  readonly title: ReactNode;
  /** What the page shows now, in a few words. */
  readonly sub?: ReactNode;
  readonly crumb?: ReactNode;
  readonly children?: ReactNode;
}

/** Title, one line about it, and the page's own actions at the right. */
export function PageHead({ title, sub, crumb, children }: PageHeadProps) {
  return (
    <div className="page-head">
      <div style={{ minWidth: 0 }}>
        {crumb && <p className="crumb xs">{crumb}</p>}
        <h1>{title}</h1>
      </div>
      {sub && <span className="sub">{sub}</span>}
      <span className="grow" />
      {children}
    </div>
  );
}

/** A part of a page with its own title. */
export function Section({
  title,
  sub,
  end,
  children,
  className,
}: {
  readonly title: string;
  readonly sub?: ReactNode;
  readonly end?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}) {
  return (
    <section className={className}>
      <div className="section-head">
        <h2>{title}</h2>
        {sub && <span className="sub">{sub}</span>}
        {end && (
          <>
            <span className="grow" />
            {end}
          </>
        )}
      </div>
      {children}
    </section>
  );
}

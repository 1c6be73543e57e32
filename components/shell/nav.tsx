"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useMe } from "../query/use-me.tsx";
import { AppLink } from "../ui/app-link.tsx";
import { BrandMark } from "./brand.tsx";
import { isCurrent, type NavItem, navItems } from "./nav-items.ts";
import { useNavCounts } from "./use-nav-counts.ts";

/** The main navigation. Counts say what waits; the window goes along, so that figures stay comparable. */
export function Nav({ onNavigate }: { readonly onNavigate?: () => void }) {
  const me = useMe();
  const pathname = usePathname();
  const window = useSearchParams().get("window");
  const counts = useNavCounts();
  const items = navItems.filter((item) => item.visible?.(me) ?? true);
  const entry = (item: NavItem) => {
    const { icon: Icon, href, title } = item;
    const count = counts[href];
    return (
      <AppLink
        key={href}
        href={window === null ? href : `${href}?window=${window}`}
        aria-current={isCurrent(item, pathname) ? "page" : undefined}
        title={title}
        {...(onNavigate && { onClick: onNavigate })}
      >
        <Icon className="ic" aria-hidden="true" />
        <span className="lbl">{title}</span>
        {count && (
          <span className={count.hot ? "count is-hot" : "count"} title={count.title}>
            {count.value}
            <span className="vh"> {count.title}</span>
          </span>
        )}
      </AppLink>
    );
  };
  return (
    <nav className="nav" aria-label="Main">
      <AppLink href="/" className="brand" aria-label="Towpath, overview" style={{ color: "var(--text)" }}>
        <BrandMark />
        <span>Towpath</span>
      </AppLink>
      {items.filter((item) => item.group === "main").map(entry)}
      <div className="nav-group">
        <span>Evidence</span>
      </div>
      {items.filter((item) => item.group === "evidence").map(entry)}
      <div className="foot">{items.filter((item) => item.group === "foot").map(entry)}</div>
    </nav>
  );
}

"use client";

import { Menu as MenuIcon, Search } from "lucide-react";
import { TargetPick } from "./target-pick.tsx";
import { TeamPick } from "./team-pick.tsx";
import { TimeControls } from "./time-controls.tsx";
import { UserMenu } from "./user-menu.tsx";

/** The same on every page: target, team, search, time, person. */
export function Topbar({ onSearch, onMenu }: { readonly onSearch: () => void; readonly onMenu: () => void }) {
  return (
    <header className="topbar">
      <button type="button" className="pick only-narrow is-ghost" aria-label="Menu" onClick={onMenu}>
        <MenuIcon className="ic" aria-hidden="true" />
      </button>
      <TargetPick />
      <TeamPick />
      <button type="button" className="search hide-narrow" onClick={onSearch} aria-keyshortcuts="Meta+K Control+K">
        <Search className="ic ic-14" aria-hidden="true" />
        <span className="trunc">Search services, paths, actions</span>
        <span className="kbd">⌘K</span>
      </button>
      <span className="grow only-narrow" />
      <TimeControls />
      <button type="button" className="btn is-ghost is-icon" data-narrow aria-label="Search (⌘K)" onClick={onSearch}>
        <Search className="ic" aria-hidden="true" />
      </button>
      <UserMenu />
    </header>
  );
}

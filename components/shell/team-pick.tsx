"use client";

import { usePathname, useRouter } from "next/navigation";
import { useUrlState } from "../query/url-state.ts";
import { useMe } from "../query/use-me.tsx";
import { Pick } from "../ui/menu.tsx";

/** The team whose services come first: one's own, or all for those who look after everything. */
export function useTeam(): string {
  const me = useMe();
  const { parameters } = useUrlState();
  const own = me.capabilities.applyEverywhere ? undefined : me.teams[0]?.name;
  return parameters.get("team") ?? own ?? "all";
}

/** Picks the team on the pages that have one; elsewhere it leads to the overview. */
export function TeamPick() {
  const me = useMe();
  const team = useTeam();
  const pathname = usePathname();
  const router = useRouter();
  const { change } = useUrlState();
  const choices = [
    ...me.teams.map((mine) => ({ value: mine.name, label: mine.title === "" ? mine.name : mine.title })),
    { value: "all", label: "All teams" },
  ];
  if (!choices.some((known) => known.value === team)) {
    choices.unshift({ value: team, label: team });
  }
  return (
    <Pick
      ghost
      className="hide-narrow"
      label="Team"
      value={team}
      choices={choices}
      onChange={(next) =>
        pathname === "/" || pathname === "/services"
          ? change({ team: next })
          : router.push(`/?team=${encodeURIComponent(next)}`)
      }
    />
  );
}

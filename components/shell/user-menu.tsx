"use client";

import { LogOut } from "lucide-react";
import { useState } from "react";
import * as z from "zod";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { callPortal } from "../query/fetch-json.ts";
import { useMe } from "../query/use-me.tsx";
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu.tsx";
import { applyTheme, type ThemeChoice, themeChoice } from "./theme.ts";

const roleTitles = {
  viewer: "Viewer",
  developer: "Developer",
  platform: "Platform engineer",
  auditor: "Auditor",
} as const;
const choice = z.enum(["system", "light", "dark"]);

/** Who is signed in, the colours, and the way out. */
export function UserMenu() {
  const me = useMe();
  const [theme, setTheme] = useState<ThemeChoice>("system");
  const signOut = async () => {
    // Whatever the answer: without a session the next page is the sign-in page.
    await callPortal(endpoints.signOut, { method: "POST", body: {} }).catch(() => undefined);
    window.location.assign("/sign-in?out=1");
  };
  const roles = me.roles.map((role) => roleTitles[role]).join(", ");
  const teams = me.teams.map((team) => team.name).join(", ");
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          className="avatar"
          aria-label={`${me.user.name}, ${roles}: menu`}
          title={me.user.name}
          data-testid="user-menu"
          onPointerDown={() => setTheme(themeChoice())}
          onKeyDown={() => setTheme(themeChoice())}
        >
          {me.user.initials}
        </button>
      }
    >
      <div className="menu-label">
        <div className="med" style={{ color: "var(--text)", fontSize: "var(--text-sm)" }}>
          {me.user.name}
        </div>
        {roles}
        {teams !== "" && `, team ${teams}`}
      </div>
      <MenuSeparator />
      <MenuLabel>Colours</MenuLabel>
      <MenuChoices
        value={theme}
        choices={[
          { value: "system", label: "As the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
        onChange={(next) => {
          setTheme(next);
          applyTheme(choice.parse(next));
        }}
      />
      <MenuSeparator />
      <MenuItem
        onSelect={() => {
          void signOut();
        }}
      >
        <LogOut className="ic ic-14" aria-hidden="true" />
        Sign out
      </MenuItem>
    </Menu>
  );
}

"use client";

import { usePathname } from "next/navigation";
import { Dialog } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { Toaster } from "sonner";
import type { Me } from "@/server/contracts/me.ts";
import { LiveProvider } from "../query/live.tsx";
import { MeProvider } from "../query/use-me.tsx";
import { isTyping } from "../ui/keys.ts";
import { Nav } from "./nav.tsx";
import { OfflineBanner } from "./offline-banner.tsx";
import { Palette } from "./palette.tsx";
import { followSystemTheme, keepChoice, navCookie } from "./theme.ts";
import { Topbar } from "./topbar.tsx";

/** How wide the navigation is; `auto` is a rail on canvas pages and full elsewhere. */
export type NavWidth = "auto" | "rail" | "full";

interface ShellProps {
  readonly me: Me;
  readonly navWidth: NavWidth;
  readonly children: ReactNode;
}

/** The frame of every page behind the sign-in. */
export function Shell({ me, navWidth, children }: ShellProps) {
  const pathname = usePathname();
  const [width, setWidth] = useState<NavWidth>(navWidth);
  const [searching, setSearching] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const rail = width === "rail" || (width === "auto" && pathname.startsWith("/graph"));

  useEffect(followSystemTheme, []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        setSearching((open) => !open);
      } else if (event.key === "[" && !isTyping(event)) {
        const next = rail ? "full" : "rail";
        setWidth(next);
        keepChoice(navCookie, next);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [rail]);

  return (
    <MeProvider me={me}>
      <LiveProvider>
        <a className="btn skip" href="#content">
          Skip to the page
        </a>
        <div className={rail ? "app is-rail" : "app"}>
          <Nav />
          <Topbar onSearch={() => setSearching(true)} onMenu={() => setDrawer(true)} />
          {children}
        </div>
        <Dialog.Root open={drawer} onOpenChange={setDrawer}>
          <Dialog.Portal>
            <Dialog.Overlay className="scrim" />
            <Dialog.Content className="drawer" aria-describedby={undefined}>
              <Dialog.Title className="vh">Menu</Dialog.Title>
              <Nav onNavigate={() => setDrawer(false)} />
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
        <OfflineBanner />
        <Palette open={searching} onOpenChange={setSearching} />
        <Toaster
          className="toaster"
          position="bottom-right"
          offset={16}
          gap={8}
          toastOptions={{ unstyled: true, className: "toast" }}
        />
      </LiveProvider>
    </MeProvider>
  );
}

"use client";

import { ChevronDown, Pause, Play } from "lucide-react";
import { useEffect } from "react";
import { usePaused, useTimeWindow } from "../query/live.tsx";
import { windowNames, windowTitle } from "../query/time-window.ts";
import { IconButton } from "../ui/button.tsx";
import { isTyping } from "../ui/keys.ts";
import { Menu, MenuChoices } from "../ui/menu.tsx";

/** Live or paused, and the window of every figure on the page. Space pauses. */
export function TimeControls() {
  const { paused, setPaused } = usePaused();
  const window_ = useTimeWindow();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const onControl = event.target instanceof Element && event.target.closest("button, a, [role]:not(main)") !== null;
      if (event.key === " " && !isTyping(event) && !onControl) {
        event.preventDefault();
        setPaused(!paused);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [paused, setPaused]);
  return (
    <>
      <fieldset className="seg" aria-label="Time">
        <button type="button" aria-pressed={!paused} onClick={() => setPaused(false)}>
          <span className={paused ? "dot is-idle" : "dot is-live"} aria-hidden="true" />
          {paused ? "Paused" : "Live"}
        </button>
        <Menu
          align="end"
          trigger={
            <button type="button" title="Window of every figure on this page" data-testid="window-picker">
              <span className="vh">Window </span>
              {windowTitle(window_.name)}
              <ChevronDown className="ic ic-14" aria-hidden="true" />
            </button>
          }
        >
          <MenuChoices
            value={window_.name}
            choices={windowNames.map((name) => ({ value: name, label: `Last ${windowTitle(name)}` }))}
            onChange={window_.set}
          />
        </Menu>
      </fieldset>
      <IconButton
        className="hide-narrow"
        look="plain"
        icon={paused ? Play : Pause}
        label={paused ? "Go on (space)" : "Pause (space)"}
        onClick={() => setPaused(!paused)}
      />
    </>
  );
}

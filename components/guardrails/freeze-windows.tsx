"use client";

import { Plus, Snowflake, X } from "lucide-react";
import type { FreezeWindow } from "@/server/contracts/guardrails.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { exact } from "../ui/format.ts";
import { Section } from "../ui/page.tsx";
import { useNow } from "../ui/time-ago.tsx";
import { freezeState } from "./draft.ts";
import { fromLocalInput, readersZone, toLocalInput } from "./zoned-time.ts";

const dayMs = 24 * 3600 * 1000;
const minuteMs = 60_000;

interface FreezeWindowsProps {
  readonly freezes: readonly FreezeWindow[];
  readonly editable: boolean;
  readonly onChange: (freezes: FreezeWindow[]) => void;
}

/** Times in which nothing is changed, each in the reader's zone and in UTC. */
export function FreezeWindows({ freezes, editable, onChange }: FreezeWindowsProps) {
  const now = useNow();
  const replace = (id: string, part: Partial<FreezeWindow>) =>
    onChange(freezes.map((freeze) => (freeze.id === id ? { ...freeze, ...part } : freeze)));
  const add = () => {
    const startUnixMs = Math.ceil(Date.now() / minuteMs) * minuteMs;
    const fresh = { id: crypto.randomUUID(), title: "", namespaces: [], startUnixMs, endUnixMs: startUnixMs + dayMs };
    onChange([...freezes, fresh]);
  };
  return (
    <Section
      className="block"
      title="Freeze windows"
      sub={`nothing is changed in them; times in ${readersZone()}`}
      end={
        editable && (
          <Button size="s" icon={Plus} onClick={add} data-testid="add-freeze">
            Add a window
          </Button>
        )
      }
    >
      {freezes.length === 0 && <p className="cap">No window is set: changes go on at any time.</p>}
      <ul className="freezes">
        {freezes.map((freeze) => (
          <li key={freeze.id} data-testid="freeze" data-state={freezeState(freeze, now)}>
            <span className="freeze-state">
              <State freeze={freeze} now={now} />
            </span>
            {editable ? (
              <Editor freeze={freeze} onChange={(part) => replace(freeze.id, part)} />
            ) : (
              <div className="grow">
                <b className="med">{freeze.title}</b>
                <span className="t2">
                  {" "}
                  {freeze.namespaces.length === 0 ? "everywhere" : `in ${freeze.namespaces.join(", ")}`}
                </span>
                <p className="cap">
                  {toLocalInput(freeze.startUnixMs).replace("T", " ")} to{" "}
                  {toLocalInput(freeze.endUnixMs).replace("T", " ")}, that is {exact(freeze.startUnixMs)} to{" "}
                  {exact(freeze.endUnixMs)}
                </p>
              </div>
            )}
            {editable && (
              <IconButton
                icon={X}
                label={`Remove ${freeze.title === "" ? "this window" : freeze.title}`}
                onClick={() => onChange(freezes.filter(({ id }) => id !== freeze.id))}
              />
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function State({ freeze, now }: { readonly freeze: FreezeWindow; readonly now: number }) {
  const state = freezeState(freeze, now);
  return state === "now" ? (
    <Badge tone="info" icon={Snowflake}>
      Frozen now
    </Badge>
  ) : (
    <Badge>{state === "over" ? "Over" : "To come"}</Badge>
  );
}

interface EditorProps {
  readonly freeze: FreezeWindow;
  readonly onChange: (part: Partial<FreezeWindow>) => void;
}

function Editor({ freeze, onChange }: EditorProps) {
  const time = (side: "startUnixMs" | "endUnixMs", label: string) => (
    <div className="field">
      <label htmlFor={`${freeze.id}-${side}`}>{label}</label>
      <span className="input">
        <input
          id={`${freeze.id}-${side}`}
          type="datetime-local"
          value={toLocalInput(freeze[side])}
          onChange={(event) => {
            const ms = fromLocalInput(event.target.value);
            if (ms !== null) {
              onChange({ [side]: ms });
            }
          }}
        />
      </span>
      <p className="hint">{exact(freeze[side])}</p>
    </div>
  );
  return (
    <div className="freeze-fields">
      <div className="field">
        <label htmlFor={`${freeze.id}-title`}>Why</label>
        <span className="input">
          <input
            id={`${freeze.id}-title`}
            maxLength={200}
            placeholder="Christmas business"
            value={freeze.title}
            onChange={(event) => onChange({ title: event.target.value })}
          />
        </span>
      </div>
      <div className="field">
        <label htmlFor={`${freeze.id}-where`}>
          Namespaces <span className="opt">empty: everywhere</span>
        </label>
        <span className="input">
          <input
            id={`${freeze.id}-where`}
            className="mono"
            placeholder="web-api, default"
            defaultValue={freeze.namespaces.join(", ")}
            onChange={(event) =>
              onChange({
                namespaces: event.target.value
                  .split(/[\s,]+/)
                  .map((name) => name.toLowerCase())
                  .filter((name) => name !== ""),
              })
            }
          />
        </span>
      </div>
      {time("startUnixMs", "From")}
      {time("endUnixMs", "Until")}
    </div>
  );
}

"use client";

import { Command } from "cmdk";
import { Plus, X } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import type { CallerChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { GoldenPathOptions, ObservedCaller } from "@/server/contracts/golden-paths.ts";
import { count, plural } from "../../ui/format.ts";
import type { FormState } from "../form-state.ts";
import { Field } from "./field.tsx";

interface CallersFieldProps {
  readonly options: GoldenPathOptions;
  readonly form: FormState;
  readonly set: (change: Partial<FormState>) => void;
  readonly error: string | undefined;
}

const keyOf = (caller: CallerChoice): string =>
  caller.kind === "anyone" ? "anyone" : `${caller.namespace}/${caller.serviceAccount}`;

/** Who may call, by identity. Callers that were seen come first, with how often they tried. */
export function CallersField({ options, form, set, error }: CallersFieldProps) {
  const [open, setOpen] = useState(false);
  const service = options.services.find(
    (option) => option.namespace === form.service?.namespace && option.name === form.service.name,
  );
  const chosen = new Set(form.callers.map(keyOf));
  const seen = service?.observed.filter((caller) => caller.serviceAccount !== "") ?? [];
  const seenKeys = new Set(seen.map((caller) => `${caller.namespace}/${caller.serviceAccount}`));
  const others = options.identities.filter(
    (identity) => !seenKeys.has(`${identity.namespace}/${identity.serviceAccount}`),
  );
  const toggle = (caller: CallerChoice) => {
    const key = keyOf(caller);
    set({
      callers: chosen.has(key) ? form.callers.filter((other) => keyOf(other) !== key) : [...form.callers, caller],
    });
    setOpen(false);
  };
  const unknown = form.callers.filter(
    (caller) =>
      caller.kind === "identity" &&
      !seenKeys.has(keyOf(caller)) &&
      !options.identities.some((identity) => `${identity.namespace}/${identity.serviceAccount}` === keyOf(caller)),
  );
  return (
    <Field
      group
      label={form.forward ? "Callers" : "Callers to withdraw"}
      error={error}
      warning={unknown.length > 0 && `No pod runs as ${unknown.map(keyOf).join(", ")} now. The rule waits for one.`}
      hint={hintOf(form.callers, seen)}
    >
      <div className="input is-tokens" data-testid="field-callers">
        {form.callers.map((caller) => (
          <span key={keyOf(caller)} className="token">
            {caller.kind === "anyone" ? "anyone" : caller.serviceAccount}
            {caller.kind === "identity" && <span className="t3">{caller.namespace}</span>}
            <button
              type="button"
              className="token-x"
              aria-label={`Remove ${keyOf(caller)}`}
              onClick={() => toggle(caller)}
            >
              <X className="ic" aria-hidden="true" />
            </button>
          </span>
        ))}
        <Popover.Root open={open} onOpenChange={setOpen}>
          <Popover.Trigger className="btn is-ghost is-s" data-testid="add-caller">
            <Plus className="ic ic-14" aria-hidden="true" />
            {form.callers.length === 0 ? "Choose a caller" : "Add"}
          </Popover.Trigger>
          <Popover.Portal>
            <Popover.Content
              aria-label="Choose a caller"
              className="menu combo"
              align="start"
              sideOffset={6}
              collisionPadding={8}
            >
              <Command label="Callers" loop>
                <Command.Input className="combo-input" placeholder="Find an identity" />
                <Command.List>
                  <Command.Empty>No identity has this name.</Command.Empty>
                  {seen.length > 0 && (
                    <Command.Group heading="Seen in the last hour">
                      {seen.map((caller) => (
                        <Command.Item
                          key={`${caller.namespace}/${caller.serviceAccount}`}
                          value={`seen ${caller.namespace}/${caller.serviceAccount}`}
                          onSelect={() =>
                            toggle({
                              kind: "identity",
                              namespace: caller.namespace,
                              serviceAccount: caller.serviceAccount,
                            })
                          }
                        >
                          <b className="med">{caller.serviceAccount}</b> <span className="t3">{caller.namespace}</span>
                          <span className={caller.denied > 0 ? "end c-denied tn" : "end tn"}>
                            {caller.denied > 0 ? `${count(caller.denied)} denied` : plural(caller.allowed, "call")}
                          </span>
                        </Command.Item>
                      ))}
                    </Command.Group>
                  )}
                  <Command.Group heading="Identities of running pods">
                    {others.map((identity) => (
                      <Command.Item
                        key={`${identity.namespace}/${identity.serviceAccount}`}
                        value={`${identity.namespace}/${identity.serviceAccount} ${identity.services.join(" ")}`}
                        onSelect={() =>
                          toggle({
                            kind: "identity",
                            namespace: identity.namespace,
                            serviceAccount: identity.serviceAccount,
                          })
                        }
                      >
                        <b className="med">{identity.serviceAccount}</b>{" "}
                        <span className="t3">{identity.namespace}</span>
                        {!identity.enrolled && !identity.gateway && <span className="end">not in the mesh</span>}
                        {identity.gateway && <span className="end">gateway</span>}
                      </Command.Item>
                    ))}
                  </Command.Group>
                  <Command.Group heading="Without an identity">
                    <Command.Item value="anyone everybody plain text" onSelect={() => toggle({ kind: "anyone" })}>
                      <b className="med">Anyone</b> <span className="t3">plain text too</span>
                    </Command.Item>
                  </Command.Group>
                </Command.List>
              </Command>
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
      </div>
    </Field>
  );
}

function hintOf(callers: readonly CallerChoice[], seen: readonly ObservedCaller[]): string {
  const met = callers.flatMap((caller) =>
    seen.filter(
      (known) =>
        caller.kind === "identity" &&
        known.namespace === caller.namespace &&
        known.serviceAccount === caller.serviceAccount,
    ),
  );
  const denied = met.reduce((sum, caller) => sum + caller.denied, 0);
  const allowed = met.reduce((sum, caller) => sum + caller.allowed, 0);
  if (denied > 0) {
    return `Seen in traffic: refused ${plural(denied, "time")} in the last hour`;
  }
  if (allowed > 0) {
    return `Seen in traffic: ${plural(allowed, "call")} in the last hour`;
  }
  return "By service account: a new pod, address or node changes nothing";
}

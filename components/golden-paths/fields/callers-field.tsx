"use client";

import { Plus, X } from "lucide-react";
import type { CallerChoice, IdentityChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { GoldenPathOptions, ObservedCaller } from "@/server/contracts/golden-paths.ts";
import { count, plural } from "../../ui/format.ts";
import type { ServiceOption } from "../form/path-form.ts";
import { Combo, type ComboGroup } from "../inputs/combo.tsx";
import { PathField } from "./path-field.tsx";

interface ListProps<C extends CallerChoice> {
  readonly options: GoldenPathOptions;
  /** Whose callers come first. */
  readonly service?: ServiceOption | undefined;
  readonly callers: readonly C[];
  readonly onChange: (callers: C[]) => void;
  readonly label: string;
}

const keyOf = (caller: CallerChoice): string =>
  caller.kind === "anyone" ? "anyone" : `${caller.namespace}/${caller.serviceAccount}`;

function callerOf(key: string): CallerChoice {
  const [namespace = "", serviceAccount = ""] = key.split("/");
  return key === "anyone" ? { kind: "anyone" } : { kind: "identity", namespace, serviceAccount };
}

/** Callers by identity, without the choice of anyone. */
export function IdentitiesField({ onChange, ...rest }: ListProps<IdentityChoice>) {
  return (
    <CallersField
      {...rest}
      identitiesOnly
      onChange={(callers) => onChange(callers.filter((caller) => caller.kind === "identity"))}
    />
  );
}

/** Who may call, by identity. Callers that were seen come first, with how often they tried. */
export function CallersField({
  options,
  service,
  callers,
  onChange,
  label,
  identitiesOnly = false,
}: ListProps<CallerChoice> & { readonly identitiesOnly?: boolean }) {
  const chosen = new Set(callers.map(keyOf));
  const seen = service?.observed.filter((caller) => caller.serviceAccount !== "") ?? [];
  const known = new Set([
    ...seen.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`),
    ...options.identities.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`),
  ]);
  const toggle = (key: string) =>
    onChange(chosen.has(key) ? callers.filter((other) => keyOf(other) !== key) : [...callers, callerOf(key)]);
  const unknown = callers.filter((caller) => caller.kind === "identity" && !known.has(keyOf(caller)));
  return (
    <PathField
      name="callers"
      group
      label={label}
      warning={unknown.length > 0 && `No pod runs as ${unknown.map(keyOf).join(", ")} now. The rule waits for one.`}
      hint={<span>{hintOf(callers, seen)}</span>}
    >
      <div className="input is-tokens" data-testid="field-callers">
        {callers.map((caller) => (
          <span key={keyOf(caller)} className="token" title={keyOf(caller)}>
            <span className="trunc">{caller.kind === "anyone" ? "anyone" : caller.serviceAccount}</span>
            {caller.kind === "identity" && <span className="t3 trunc">{caller.namespace}</span>}
            <button
              type="button"
              className="token-x"
              aria-label={`Remove ${keyOf(caller)}`}
              onClick={() => toggle(keyOf(caller))}
            >
              <X className="ic" aria-hidden="true" />
            </button>
          </span>
        ))}
        <Combo
          label="Choose a caller"
          find="Find an identity"
          nothing="No identity has this name."
          groups={groupsOf(options, seen, chosen, identitiesOnly)}
          onChoose={toggle}
          className="btn is-ghost is-s"
          testId="add-caller"
        >
          <Plus className="ic ic-14" aria-hidden="true" />
          {callers.length === 0 ? "Choose a caller" : "Add"}
        </Combo>
      </div>
    </PathField>
  );
}

function groupsOf(
  { identities }: GoldenPathOptions,
  seen: readonly ObservedCaller[],
  chosen: ReadonlySet<string>,
  identitiesOnly: boolean,
): ComboGroup[] {
  const seenKeys = new Set(seen.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`));
  const left = identities.filter(({ namespace, serviceAccount }) => !seenKeys.has(`${namespace}/${serviceAccount}`));
  const groups: ComboGroup[] = [
    {
      heading: "Seen in the last hour",
      items: seen.map(({ namespace, serviceAccount, denied, allowed }) => ({
        value: `${namespace}/${serviceAccount}`,
        title: serviceAccount,
        detail: namespace,
        end: denied > 0 ? `${count(denied)} denied` : plural(allowed, "call"),
        denied: denied > 0,
      })),
    },
    {
      heading: "Identities of running pods",
      items: left.map(({ namespace, serviceAccount, services, enrolled, gateway }) => ({
        value: `${namespace}/${serviceAccount}`,
        title: serviceAccount,
        detail: namespace,
        keywords: services.join(" "),
        end: gateway ? "gateway" : enrolled ? "" : "not in the mesh",
      })),
    },
    {
      heading: "Without an identity",
      items: identitiesOnly
        ? []
        : [{ value: "anyone", title: "Anyone", detail: "plain text too", keywords: "everybody" }],
    },
  ];
  return groups.map(({ heading, items }) => ({ heading, items: items.filter(({ value }) => !chosen.has(value)) }));
}

function hintOf(callers: readonly CallerChoice[], seen: readonly ObservedCaller[]): string {
  const keys = new Set(callers.map(keyOf));
  const met = seen.filter(({ namespace, serviceAccount }) => keys.has(`${namespace}/${serviceAccount}`));
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

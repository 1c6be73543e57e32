"use client";

import { useId } from "react";
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { tryMethod } from "@/server/contracts/try-it.ts";
import { Field } from "../golden-paths/fields/field.tsx";
import { SelectInput } from "../golden-paths/fields/select-input.tsx";
import { plural } from "../ui/format.ts";
import { PairRows } from "./pair-rows.tsx";
import { TokenFields } from "./token-fields.tsx";
import type { WhatIfState } from "./what-if-state.ts";

interface WhatIfFormProps {
  readonly options: GoldenPathOptions;
  readonly state: WhatIfState;
  readonly set: (change: Partial<WhatIfState>) => void;
  /** What is wrong, by field. */
  readonly problems: Readonly<Record<string, string>>;
}

/** Who calls what, and how; what was seen in traffic is offered. */
export function WhatIfForm({ options, state, set, problems }: WhatIfFormProps) {
  const paths = useId();
  const hosts = useId();
  const service = options.services.find(({ namespace, name }) => `${namespace}/${name}` === state.to);
  const outside = state.from.startsWith("outside:");
  const gateway = options.gateways.find(({ namespace, name }) => `outside:${namespace}/${name}` === state.from);
  const seen = service?.seen;
  const times = seen?.paths
    .filter(({ method, path }) => method === state.method && path === state.path)
    .reduce((sum, { requests }) => sum + requests, 0);
  const choosePath = (path: string) => {
    const methods = seen?.paths.filter((entry) => entry.path === path).map(({ method }) => method) ?? [];
    const [only] = methods;
    set({ path, ...(only !== undefined && !methods.includes(state.method) && { method: only }) });
  };
  return (
    <form className="try-fields" aria-label="Question" onSubmit={(event) => event.preventDefault()}>
      <Field
        id="from"
        label="Who calls"
        error={problems["from"]}
        hint={
          state.from === "plain"
            ? "Without a certificate: nobody knows who it is"
            : outside
              ? "From outside the mesh, by this gateway"
              : "By its identity, wherever it runs"
        }
      >
        <SelectInput
          id="from"
          testId="what-if-from"
          placeholder="Choose a caller"
          value={state.from}
          onChange={(from) => {
            const chosen = options.gateways.find(({ namespace, name }) => `outside:${namespace}/${name}` === from);
            set({ from, host: chosen?.hosts[0] ?? "" });
          }}
          choices={[
            ...options.identities.map(({ namespace, serviceAccount }) => ({
              value: `${namespace}/${serviceAccount}`,
              label: serviceAccount,
              detail: namespace,
            })),
            { value: "plain", label: "Somebody in plain text", detail: "no identity" },
            ...options.gateways.map(({ namespace, name }) => ({
              value: `outside:${namespace}/${name}`,
              label: `From outside through ${name}`,
              detail: namespace,
            })),
          ]}
        />
      </Field>
      {outside && (
        <Field id="host" label="Host" error={problems["host"]} hint="As the client writes it">
          <span className="input">
            <input
              id="host"
              className="mono"
              list={hosts}
              spellCheck={false}
              value={state.host}
              onChange={(event) => set({ host: event.target.value })}
            />
            <datalist id={hosts}>
              {gateway?.hosts.map((host) => (
                <option key={host} value={host} />
              ))}
            </datalist>
          </span>
        </Field>
      )}
      <div className="two">
        <Field id="to" label="What is called" error={problems["to"]}>
          <SelectInput
            id="to"
            testId="what-if-to"
            placeholder="Choose a service"
            value={state.to}
            onChange={(to) => {
              const chosen = options.services.find(({ namespace, name }) => `${namespace}/${name}` === to);
              set({ to, port: String(chosen?.ports[0]?.port ?? state.port) });
            }}
            choices={options.services.map(({ namespace, name }) => ({
              value: `${namespace}/${name}`,
              label: name,
              detail: namespace,
            }))}
          />
        </Field>
        <Field id="port" label="Port" error={problems["port"]}>
          <SelectInput
            id="port"
            placeholder="Choose a port"
            value={state.port}
            onChange={(port) => set({ port })}
            choices={(service?.ports ?? []).map(({ port, name }) => ({
              value: String(port),
              label: String(port),
              detail: name,
            }))}
          />
        </Field>
      </div>
      <Field
        id="path"
        label="Request"
        error={problems["path"] ?? problems["method"]}
        hint={times ? `Seen ${plural(times, "time")} in the last hour` : "Paths that were seen are offered as you type"}
      >
        <div className="try-line">
          <span style={{ width: 108 }}>
            <SelectInput
              id="method"
              label="Method"
              placeholder="GET"
              value={state.method}
              onChange={(method) => set({ method })}
              choices={tryMethod.options.map((value) => ({ value, label: value }))}
            />
          </span>
          <span className={problems["path"] ? "input grow is-error" : "input grow"}>
            <input
              id="path"
              className="mono"
              list={paths}
              spellCheck={false}
              autoComplete="off"
              data-testid="what-if-path"
              value={state.path}
              onChange={(event) => choosePath(event.target.value)}
            />
            <datalist id={paths}>
              {[...new Set(seen?.paths.map(({ path }) => path))].map((path) => (
                <option key={path} value={path} />
              ))}
            </datalist>
          </span>
        </div>
      </Field>
      <Field group label="Headers" optional error={problems["headers"]}>
        <PairRows
          what="header"
          rows={state.headers}
          onChange={(headers) => set({ headers })}
          names={seen?.headers.map(({ name }) => name) ?? []}
        />
      </Field>
      <TokenFields state={state} set={set} seen={seen} error={problems["token"]} />
    </form>
  );
}

"use client";

import type { PathForm, ServiceOption } from "../form/path-form.ts";
import { PortsField } from "./ports-field.tsx";
import { RequestsField } from "./requests-field.tsx";
import { UntilField } from "./until-field.tsx";

interface WhichCallsFieldsProps {
  readonly form: PathForm<"let-a-caller-in"> | PathForm<"block-a-caller">;
  readonly service: ServiceOption | undefined;
}

/** Which calls of a caller are meant: requests, ports, until when. What is taken back is taken back whole. */
export function WhichCallsFields({ form, service }: WhichCallsFieldsProps) {
  const { draft, set, forward } = form;
  return (
    <>
      {forward && <RequestsField service={service} rules={draft.requests} onChange={(requests) => set({ requests })} />}
      <div className="two">
        <PortsField service={service} ports={draft.ports} onChange={(ports) => set({ ports })} />
        {forward && <UntilField until={draft.until} onChange={(until) => set({ until })} />}
      </div>
    </>
  );
}

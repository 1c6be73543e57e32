"use client";

import type { FieldsProps } from "../form/path-form.ts";
import { Toggle } from "../inputs/toggle.tsx";
import { WhereFields } from "./where-fields.tsx";

/** Where everything is refused that no rule allows, and whether the edge stays open. */
export function LockDownFields({ form }: FieldsProps<"lock-down">) {
  const { forward, draft, set } = form;
  return (
    <>
      <WhereFields form={form} />
      {forward && (
        <Toggle
          title="Keep the gateway open"
          checked={draft.keepGatewaysOpen}
          onChange={(keepGatewaysOpen) => set({ keepGatewaysOpen })}
        >
          Anyone may still call its hosts; what is behind it is locked
        </Toggle>
      )}
    </>
  );
}

"use client";

import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { suggestNames } from "../form/seen-words.ts";
import { ClaimsField } from "./claims-field.tsx";
import { KeysField } from "./keys-field.tsx";
import { ServiceField } from "./service-field.tsx";
import { SignInMore } from "./sign-in-more.tsx";
import { TextField } from "./text-field.tsx";

/** Who signs people in, and what their tokens must say. */
export function RequireSignInFields({ form }: FieldsProps<"require-sign-in">) {
  const { draft, options, set, forward } = form;
  const service = serviceOf(options, draft.service);
  return (
    <>
      <ServiceField form={form} label="Service that people use" layer7 />
      {forward && (
        <>
          <TextField
            name="issuer"
            label="Who signs people in"
            placeholder="https://accounts.example.com"
            hint="Exactly as the token names its issuer"
            value={draft.issuer}
            suggestions={suggestNames(service?.seen.issuers)}
            onChange={(issuer) => set({ issuer: issuer.trim() })}
          />
          <KeysField keys={draft.keys} onChange={(keys) => set({ keys })} />
          <ClaimsField service={service} claims={draft.claims} onChange={(claims) => set({ claims })} />
          <SignInMore form={form} service={service} />
        </>
      )}
    </>
  );
}

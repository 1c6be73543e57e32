"use client";

import { newAuthorizer } from "@/server/contracts/golden-paths/access.ts";
import { useMe } from "../../query/use-me.tsx";
import type { Draft } from "../form/draft.ts";
import { emptyOf } from "../form/draft-of-schema.ts";
import { type FieldsProps, serviceOf } from "../form/path-form.ts";
import { More } from "../inputs/more.tsx";
import { MethodsField } from "./methods-field.tsx";
import { NewAuthorizerFields } from "./new-authorizer-fields.tsx";
import { PathField } from "./path-field.tsx";
import { PathsField } from "./paths-field.tsx";
import { SelectInput } from "./select-input.tsx";
import { ServiceField } from "./service-field.tsx";

const another = "+";

/** Which authorizer is asked about which requests; platform engineers can add one. */
export function AskAnAuthorizerFields({ form }: FieldsProps<"ask-an-authorizer">) {
  const { draft, options, set, forward } = form;
  const { editSettings } = useMe().capabilities;
  const service = serviceOf(options, draft.service);
  const chosen = options.authorizers.find(({ name }) => name === draft.authorizer);
  const none = options.authorizers.length === 0;
  const choose = (value: string) =>
    set(
      value === another
        ? { authorizer: "", add: emptyOf(newAuthorizer) as Draft<"ask-an-authorizer">["add"] }
        : { authorizer: value, add: null },
    );
  return (
    <>
      <ServiceField form={form} label="Service that is called" layer7 />
      {forward && (
        <>
          <PathField
            name={draft.add === null ? ["authorizer", "add"] : []}
            label="Who is asked"
            hint={
              chosen
                ? `${chosen.service}, by ${chosen.protocol === "grpc" ? "gRPC" : "HTTP"}`
                : none && !editSettings
                  ? "The mesh knows none yet. A platform engineer can add one here."
                  : undefined
            }
          >
            <SelectInput
              placeholder={none ? "None is known yet" : "Choose an authorizer"}
              testId="field-authorizer"
              value={draft.add === null ? draft.authorizer : another}
              onChange={choose}
              choices={[
                ...options.authorizers.map(({ name, service: at }) => ({ value: name, label: name, detail: at })),
                ...(editSettings ? [{ value: another, label: "Add another one" }] : []),
              ]}
            />
          </PathField>
          {draft.add !== null && (
            <NewAuthorizerFields
              options={options}
              name={draft.authorizer}
              onName={(authorizer) => set({ authorizer })}
              add={draft.add}
              onChange={(add) => set({ add })}
            />
          )}
          <MethodsField
            name="methods"
            service={service}
            methods={draft.methods}
            onChange={(methods) => set({ methods })}
          />
          <PathsField
            name="paths"
            label="Path"
            nothing="Every path"
            service={service}
            paths={draft.paths}
            onChange={(paths) => set({ paths })}
          />
          <More inside="paths that are not asked about" names={["exceptPaths"]} used={draft.exceptPaths.length > 0}>
            <PathsField
              name="exceptPaths"
              label="Not for these paths"
              nothing="No exception"
              service={service}
              paths={draft.exceptPaths}
              onChange={(exceptPaths) => set({ exceptPaths })}
            />
          </More>
        </>
      )}
    </>
  );
}

"use client";

import type { ServiceOption } from "../form/path-form.ts";
import type { RuleDraft } from "../form/request-rules.ts";
import { HeadersField } from "./headers-field.tsx";
import { MethodsField } from "./methods-field.tsx";
import { PathsField } from "./paths-field.tsx";

interface RuleFieldsProps {
  /** Dotted path of the rule in the form. */
  readonly name: string;
  readonly service: ServiceOption | undefined;
  readonly rule: RuleDraft;
  readonly onChange: (change: Partial<RuleDraft>) => void;
}

/** One kind of request: methods, paths and headers. */
export function RuleFields({ name, service, rule, onChange }: RuleFieldsProps) {
  return (
    <>
      <MethodsField
        name={`${name}.methods`}
        service={service}
        methods={rule.methods}
        onChange={(methods) => onChange({ methods })}
      />
      <PathsField
        name={`${name}.paths`}
        label="Path"
        nothing="Every path"
        service={service}
        paths={rule.paths}
        onChange={(paths) => onChange({ paths })}
      />
      <HeadersField
        name={`${name}.headers`}
        service={service}
        headers={rule.headers}
        onChange={(headers) => onChange({ headers })}
      />
    </>
  );
}

"use client";

import { plural } from "../../ui/format.ts";
import type { ServiceOption } from "../form/path-form.ts";
import { PathField } from "./path-field.tsx";
import { SelectInput } from "./select-input.tsx";

interface VersionFieldProps {
  readonly name: string;
  readonly label?: string;
  readonly service: ServiceOption | undefined;
  readonly version: string;
  readonly onChange: (version: string) => void;
}

/** One of the versions that run. */
export function VersionField({ name, label = "Version", service, version, onChange }: VersionFieldProps) {
  const versions = service?.versions ?? [];
  const known = versions.some((option) => option.version === version);
  return (
    <PathField
      name={name}
      label={label}
      warning={service && version !== "" && !known && `No pod of version ${version} runs now.`}
      hint={service && versions.length < 2 ? "Only one version of it runs now" : undefined}
    >
      <SelectInput
        placeholder={service ? "Choose a version" : "Choose a service first"}
        value={version}
        onChange={onChange}
        testId={`field-${name.replaceAll(".", "-")}`}
        choices={versions
          .filter((option) => option.version !== "")
          .map((option) => ({ value: option.version, label: option.version, detail: plural(option.pods, "pod") }))}
      />
    </PathField>
  );
}

"use client";

import { SuggestInput } from "../inputs/suggest-input.tsx";
import { PathField } from "./path-field.tsx";

interface CertificateFieldProps {
  readonly known: readonly string[];
  readonly certificate: string | null;
  readonly onChange: (certificate: string | null) => void;
}

/** The certificate of a host, by the name it is kept under at the gateway; without one plain HTTP is served. */
export function CertificateField({ known, certificate, onChange }: CertificateFieldProps) {
  return (
    <PathField
      name="certificate"
      label="Certificate"
      optional
      hint={certificate === null ? "Without one, plain HTTP" : "By its name where the gateway runs"}
    >
      <SuggestInput
        label="Certificate"
        placeholder="none"
        value={certificate ?? ""}
        suggestions={known.map((value) => ({ value, detail: "in use" }))}
        testId="field-certificate"
        onChange={(name) => onChange(name.trim() === "" ? null : name.trim())}
      />
    </PathField>
  );
}

"use client";

import type { FieldsProps } from "../form/path-form.ts";
import { WhereFields } from "./where-fields.tsx";

/** Where plain text is refused. */
export const RequireMtlsFields = ({ form }: FieldsProps<"require-mtls">) => <WhereFields form={form} />;

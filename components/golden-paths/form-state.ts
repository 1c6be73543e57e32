import * as z from "zod";
import { forwardField, pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { type CallerChoice, callerChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { type ServiceRef, serviceRef } from "@/server/contracts/names.ts";

/** What a form holds while it is filled in: everything any path asks, half-filled states included. */
export interface FormState {
  readonly scope: "namespaces" | "mesh";
  readonly namespaces: string[];
  /** The first of a path's two ways: enrol, require, lock, allow. False takes it back. */
  readonly forward: boolean;
  readonly keepGatewaysOpen: boolean;
  readonly service: ServiceRef | null;
  readonly callers: CallerChoice[];
  readonly ports: number[];
}

export const emptyForm: FormState = {
  scope: "namespaces",
  namespaces: [],
  forward: true,
  keepGatewaysOpen: true,
  service: null,
  callers: [],
  ports: [],
};

/** The values in the shape that the portal takes; they may still be incomplete. Pure. */
export function toValues(slug: PathSlug, form: FormState): Record<string, unknown> {
  switch (slug) {
    case "join-the-mesh":
      return { namespaces: form.namespaces, enrolled: form.forward };
    case "require-mtls":
      return { scope: form.scope, namespaces: form.scope === "mesh" ? [] : form.namespaces, required: form.forward };
    case "lock-down":
      return {
        scope: form.scope,
        namespaces: form.scope === "mesh" ? [] : form.namespaces,
        locked: form.forward,
        keepGatewaysOpen: form.keepGatewaysOpen,
      };
    case "let-a-caller-in":
      return {
        ...(form.service && { service: form.service }),
        callers: form.callers,
        ports: form.ports,
        allowed: form.forward,
      };
    default:
      return { [forwardField[slug]]: form.forward };
  }
}

const strings = z.array(z.string()).catch([]);
const incoming = z.object({
  scope: z.enum(["namespaces", "mesh"]).catch("namespaces"),
  namespaces: strings,
  enrolled: z.boolean().optional().catch(undefined),
  required: z.boolean().optional().catch(undefined),
  locked: z.boolean().optional().catch(undefined),
  allowed: z.boolean().optional().catch(undefined),
  keepGatewaysOpen: z.boolean().catch(true),
  service: serviceRef.nullable().catch(null),
  callers: z.array(callerChoice).catch([]),
  ports: z.array(z.int()).catch([]),
});

/** Values from an address or an earlier change, as far as they fit; the rest is empty. Pure. */
export function fromValues(values: Readonly<Record<string, unknown>>): FormState {
  const read = incoming.parse({ ...values });
  return {
    scope: read.scope,
    namespaces: read.namespaces,
    forward: read.enrolled ?? read.required ?? read.locked ?? read.allowed ?? true,
    keepGatewaysOpen: read.keepGatewaysOpen,
    service: read.service,
    callers: read.callers,
    ports: read.ports,
  };
}

export type Checked =
  | { readonly complete: true; readonly values: Record<string, unknown> }
  | { readonly complete: false; readonly problems: ReadonlyMap<string, string> };

/** Whether a form can be previewed; otherwise what each field lacks, by dotted path. The portal checks again. */
export function checkForm(slug: PathSlug, form: FormState): Checked {
  const values = toValues(slug, form);
  const parsed = pathForms[slug].safeParse(values);
  if (parsed.success) {
    return { complete: true, values };
  }
  const problems = new Map<string, string>();
  for (const issue of parsed.error.issues) {
    const path = issue.path.join(".");
    problems.set(path, path === "service" ? "Choose a service" : issue.message);
  }
  return { complete: false, problems };
}

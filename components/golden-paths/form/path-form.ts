"use client";

import { createContext, use } from "react";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { FieldRange, Finding, GoldenPathOptions, InForce } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Problems } from "./check-draft.ts";
import type { Draft, Entered } from "./draft.ts";

/** A service as the forms know it: its ports, who calls it, what was seen. */
export type ServiceOption = GoldenPathOptions["services"][number];

/** The form of a path, for its fields. */
export interface PathForm<S extends PathSlug> {
  readonly slug: S;
  readonly draft: Draft<S>;
  readonly options: GoldenPathOptions;
  readonly set: (change: Entered<S>) => void;
  /** The first of the path's two ways: set the rule. False takes it back. */
  readonly forward: boolean;
  readonly setForward: (forward: boolean) => void;
  /** Fills the form with values of an earlier change, as far as they fit. */
  readonly fill: (values: Readonly<Record<string, unknown>>) => void;
}

/** What a note about what is in force needs of a form. */
export type FillableForm = Pick<PathForm<PathSlug>, "slug" | "draft" | "forward" | "fill">;

/** The form of a path that is about a service. */
export interface ServiceForm extends Omit<PathForm<PathSlug>, "draft" | "set"> {
  readonly draft: { readonly service: ServiceRef | null };
  readonly set: (change: { service: ServiceRef }) => void;
}

/** What every path's fields get. */
export interface FieldsProps<S extends PathSlug> {
  readonly form: PathForm<S>;
}

/** What is to be said beside the fields, by dotted path. */
export interface Notes {
  readonly problems: Problems;
  readonly findings: readonly Finding[];
  readonly ranges: readonly FieldRange[];
  readonly onRepair: (values: Record<string, unknown>) => void;
}

/** Gives the fields of a form what is to be said beside them. */
export const NotesContext = createContext<Notes>({
  problems: new Map(),
  findings: [],
  ranges: [],
  onRepair: () => undefined,
});

/** The notes of the form around a field. */
export const useNotes = (): Notes => use(NotesContext);

/** The chosen service, when the mesh has it. */
export const serviceOf = (options: GoldenPathOptions, service: ServiceRef | null): ServiceOption | undefined =>
  options.services.find(({ namespace, name }) => namespace === service?.namespace && name === service.name);

/** What is in force of this path for a service. */
export const inForceOf = (slug: PathSlug, service: ServiceOption | undefined): readonly InForce[] =>
  service?.inForce.filter((entry) => entry.slug === slug) ?? [];

/** What is in force of a path that belongs to namespaces, wherever it is. */
export const inForceAnywhere = (slug: PathSlug, { services }: GoldenPathOptions): readonly InForce[] => [
  ...new Map(
    services
      .flatMap(({ inForce }) => inForce.filter((entry) => entry.slug === slug))
      .map((entry) => [entry.key, entry]),
  ).values(),
];

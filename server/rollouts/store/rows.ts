/** Rows of releases as the machine reads them. */

import * as z from "zod";
import { releaseValues } from "@/server/contracts/golden-paths/release.ts";
import { type RolloutSpec, rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { type RolloutState, rolloutState } from "@/server/contracts/rollouts.ts";
import type { Database, Transaction } from "@/server/db/client.ts";
import { machine, type Release } from "../machine/state.ts";

export const rolloutParts = { startedBy: true, bundle: { select: { id: true, title: true } } } as const;

export type RolloutRow = NonNullable<Awaited<ReturnType<typeof findRollout>>>;

export const findRollout = (db: Database | Transaction, id: string) =>
  db.rollout.findUnique({ where: { id }, include: rolloutParts });

/** Of the event that says a release was not taken back with its bundle. */
export const staysKind = "stays";
/** Events that are asked for by their kind however old they are. */
export const keptKinds: readonly string[] = [staysKind];

const shares = z.strictObject(releaseValues);

export const stateOfRow = (row: { readonly state: string }): RolloutState => rolloutState.parse(row.state);
export const specOf = (row: { readonly spec: unknown }): RolloutSpec => rolloutSpec.parse(row.spec);

/** Throws what is not as this version of the portal writes it. */
export const releaseOf = (row: Pick<RolloutRow, "spec" | "before" | "machine">): Release => ({
  spec: specOf(row),
  before: row.before === null ? null : shares.parse(row.before),
  machine: machine.parse(row.machine),
});

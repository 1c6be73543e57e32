/** A release on record, in the queue of its service. */
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { type Transaction, toJson } from "@/server/db/client.ts";
import { newMachine, stateOf } from "../machine/state.ts";
import type { StoreDeps } from "./deps.ts";
import { addEvents } from "./transition.ts";

export interface NewRelease {
  readonly spec: RolloutSpec;
  readonly person: SignedIn;
  readonly address: string;
  readonly reason: string;
  readonly openedUnixMs: number;
  readonly bundle?: { readonly id: string; readonly index: number };
  /** It was tried before. */
  readonly again?: { readonly id: string; readonly number: number };
}

const monthMs = 30 * 24 * 3_600_000;

/** To be called within a transaction. Answers its id. */
export async function createRelease(
  { spec, person, address, reason, openedUnixMs, bundle, again }: NewRelease,
  deps: StoreDeps,
  within: Transaction,
): Promise<string> {
  const now = Date.now();
  const machine = newMachine(spec, now);
  const row = await within.rollout.create({
    data: {
      namespace: spec.service.namespace,
      service: spec.service.name,
      spec: toJson(spec),
      state: stateOf(machine),
      machine: toJson(machine),
      reason,
      startedById: person.id,
      address,
      openedAt: new Date(Math.min(now, Math.max(openedUnixMs, now - monthMs))),
      ...(bundle === undefined ? {} : { bundleId: bundle.id, bundleIndex: bundle.index }),
    },
  });
  const text = `${person.name} asks for ${spec.canary} of ${spec.service.name}${reason === "" ? "" : `: ${reason}`}`;
  const events = [{ level: "info" as const, kind: "queued", text, by: person.id }];
  if (again !== undefined) {
    events.push({ level: "info", kind: "retry", text: `Tries release ${again.number} again`, by: person.id });
    const link = { level: "info" as const, kind: "retry", text: `Tried again as release ${row.number}`, by: person.id };
    await addEvents(again.id, [link], within);
  }
  await addEvents(row.id, events, within);
  await deps.audit(
    {
      actor: person,
      action: again === undefined ? "rollout-start" : "rollout-retry",
      object: `release ${row.number}: ${spec.service.namespace}/${spec.service.name} ${spec.stable} → ${spec.canary}`,
      outcome: "done",
      detail: reason,
      address,
    },
    within,
  );
  return row.id;
}

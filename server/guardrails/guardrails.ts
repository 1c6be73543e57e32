/** What platform engineers set for golden paths, as it is stored. */
import { createHash } from "node:crypto";
import * as z from "zod";
import type { AuditEntry } from "@/server/audit/audit-log.ts";
import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import {
  type Guardrails,
  type GuardrailsRequest,
  type GuardrailsView,
  guardrails,
} from "@/server/contracts/guardrails.ts";
import { person, unixMs } from "@/server/contracts/names.ts";
import { type Database, type Transaction, toJson } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { canonical } from "@/server/golden-paths/resource.ts";

const key = "guardrails";
/** Any number that no other advisory lock of Towpath uses. */
const writeLock = 8_212_002;

const stored = z.strictObject({ guardrails, changedBy: person.nullable(), changedUnixMs: unixMs.nullable() });
type Stored = z.infer<typeof stored>;
const initial: Stored = {
  guardrails: { paths: [], freezes: [], approvalHours: 72 },
  changedBy: null,
  changedUnixMs: null,
};

/** What may be done with golden paths, before anybody set anything: everything that ownership allows. */
export const readGuardrails = async (db: Database | Transaction): Promise<Guardrails> => (await read(db)).guardrails;

export async function viewGuardrails(db: Database, viewer: SignedIn): Promise<GuardrailsView> {
  return toView(await read(db), viewer);
}

/** Replaces them as a whole. Throws PortalError `forbidden`, or `conflict` when somebody else wrote since. */
export async function writeGuardrails(
  db: Database,
  { etag, ...next }: GuardrailsRequest,
  author: SignedIn,
  audit: (entry: AuditEntry, within: Transaction) => Promise<void>,
  address: string,
): Promise<GuardrailsView> {
  if (!capabilitiesOf(author).editSettings) {
    throw new PortalError("forbidden", "Guardrails are set by platform engineers. Ask one of them.");
  }
  mustBeDistinct(next);
  return db.$transaction(async (within) => {
    await within.$executeRaw`SELECT pg_advisory_xact_lock(${writeLock})`;
    const former = await read(within);
    if (etagOf(former) !== etag) {
      const who = former.changedBy?.name ?? "Somebody else";
      throw new PortalError(
        "conflict",
        `${who} changed the guardrails since you opened them. Look at what is set now, then save again.`,
        {
          conflicts: [{ resource: "guardrails", expected: pretty(next), live: pretty(former.guardrails) }],
        },
      );
    }
    const value: Stored = {
      guardrails: next,
      changedBy: { id: author.id, name: author.name, initials: author.initials },
      changedUnixMs: Date.now(),
    };
    await within.setting.upsert({
      where: { key },
      create: { key, value: toJson(value) },
      update: { value: toJson(value) },
    });
    await audit(
      {
        actor: author,
        action: "settings-update",
        object: "guardrails",
        outcome: "done",
        detail: difference(former.guardrails, next),
        address,
      },
      within,
    );
    return toView(value, author);
  });
}

/**
 * Throws when what is stored does not fit any more: nothing is applied over guardrails that cannot be read, since they
 * may forbid it.
 */
async function read(db: Database | Transaction): Promise<Stored> {
  const row = await db.setting.findUnique({ where: { key } });
  return row === null ? initial : stored.parse(row.value);
}

const toView = (value: Stored, viewer: SignedIn): GuardrailsView => ({
  ...value.guardrails,
  etag: etagOf(value),
  editable: capabilitiesOf(viewer).editSettings,
  changedBy: value.changedBy,
  changedUnixMs: value.changedUnixMs,
});

const etagOf = (value: Stored): string =>
  createHash("sha256").update(canonical(value)).digest("base64url").slice(0, 32);

const pretty = (value: Guardrails): string => JSON.stringify(value, null, 2);

function mustBeDistinct({ paths, freezes }: Guardrails): void {
  const twice = (names: readonly string[]): number => names.findIndex((name, index) => names.indexOf(name) !== index);
  for (const [field, index] of [
    ["paths", twice(paths.map(({ slug }) => slug))],
    ["freezes", twice(freezes.map(({ id }) => id))],
  ] as const) {
    if (index >= 0) {
      const path = `${field}.${index}`;
      throw new PortalError("invalid-input", `${path} is there twice. Keep one of them.`, {
        fields: [{ path, message: "It is there twice" }],
      });
    }
  }
}

/** "retries, freeze Christmas", for the audit. */
function difference(former: Guardrails, next: Guardrails): string {
  const changed = <T>(one: readonly T[], other: readonly T[], nameOf: (entry: T) => string): string[] => {
    const texts = (list: readonly T[]): Map<string, string> =>
      new Map(list.map((entry) => [nameOf(entry), canonical(entry)]));
    const [before, after] = [texts(one), texts(other)];
    return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
  };
  const parts = [
    ...changed(former.paths, next.paths, ({ slug }) => `path ${slug}`),
    ...changed(former.freezes, next.freezes, ({ title, id }) => `freeze ${title} (${id})`),
    ...(former.approvalHours === next.approvalHours ? [] : [`approval within ${next.approvalHours} hours`]),
  ];
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

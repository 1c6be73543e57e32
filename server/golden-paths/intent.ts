/** One filled-in golden path that is in force. Pure; this is also what the annotation on resources holds. */
import * as z from "zod";
import { callerChoice } from "@/server/contracts/golden-paths.ts";
import { dnsLabel, dnsName, portNumber, serviceRef } from "@/server/contracts/names.ts";

/** `namespace` is `istio-system` for the whole mesh. */
export const intent = z.discriminatedUnion("slug", [
  z.strictObject({ slug: z.literal("join-the-mesh"), namespace: dnsLabel }),
  z.strictObject({ slug: z.literal("require-mtls"), namespace: dnsLabel }),
  z.strictObject({
    slug: z.literal("lock-down"),
    namespace: dnsLabel,
    /** Gateways that are covered and stay open for their hosts (any host when there is none). */
    openGateways: z
      .array(z.strictObject({ namespace: dnsLabel, name: dnsName, hosts: z.array(z.string().max(253)).max(64) }))
      .max(100),
  }),
  z.strictObject({
    slug: z.literal("let-a-caller-in"),
    service: serviceRef,
    caller: callerChoice,
    /** Of the Service, ascending. */
    ports: z.array(portNumber).min(1).max(16),
  }),
]);
export type Intent = z.infer<typeof intent>;
export type IntentOf<S extends Intent["slug"]> = Extract<Intent, { slug: S }>;

/** What an intent is about: at most one of a key is in force. */
export function intentKey(of: Intent): string {
  if (of.slug !== "let-a-caller-in") {
    return `${of.slug}/${of.namespace}`;
  }
  const { service, caller } = of;
  const who = caller.kind === "anyone" ? "anyone" : `${caller.namespace}/${caller.serviceAccount}`;
  return `${of.slug}/${service.namespace}/${service.name}/${who}`;
}

/** Namespace whose owner decides; `istio-system` for the whole mesh. */
export const intentNamespace = (of: Intent): string =>
  of.slug === "let-a-caller-in" ? of.service.namespace : of.namespace;

/** An intent that comes, goes or changes. */
export interface IntentChange {
  readonly key: string;
  readonly before: Intent | undefined;
  readonly after: Intent | undefined;
  /** What the form is about, also when the intent neither was nor will be in force: somebody may have done it by hand. */
  readonly subject?: Intent;
}

export type IntentSet = ReadonlyMap<string, Intent>;

export const intentSet = (intents: Iterable<Intent>): IntentSet =>
  new Map([...intents].map((one) => [intentKey(one), one]));

/** The set after the changes. */
export function changeIntents(set: IntentSet, changes: readonly IntentChange[]): IntentSet {
  const next = new Map(set);
  for (const { key, after } of changes) {
    if (after === undefined) {
      next.delete(key);
    } else {
      next.set(key, after);
    }
  }
  return next;
}

export function intentsOf<S extends Intent["slug"]>(set: IntentSet, slug: S): IntentOf<S>[] {
  return [...set.values()].filter((one): one is IntentOf<S> => one.slug === slug);
}

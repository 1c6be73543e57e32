/** One filled-in golden path that is in force. Pure; this is also what the annotation on resources holds. */
import * as z from "zod";
import { newAuthorizer, signInValues } from "@/server/contracts/golden-paths/access.ts";
import { destinationValues, exposeValues } from "@/server/contracts/golden-paths/edges.ts";
import {
  callerChoice,
  identityChoice,
  method,
  pathPattern,
  requestRules,
  until,
} from "@/server/contracts/golden-paths/parts.ts";
import { zoneValues } from "@/server/contracts/golden-paths/places.ts";
import { releaseValues } from "@/server/contracts/golden-paths/release.ts";
import {
  circuitBreakerValues,
  faultValues,
  mirrorValues,
  rateLimitValues,
  retriesValues,
  timeoutsValues,
} from "@/server/contracts/golden-paths/resilience.ts";
import { dnsLabel, dnsName, portNumber, serviceRef } from "@/server/contracts/names.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";

/** Of the Service, ascending. */
const ports = z.array(portNumber).min(1).max(16);

/** `namespace` is `istio-system` for the whole mesh. */
export const intent = z.discriminatedUnion("slug", [
  z.strictObject({ slug: z.literal("join-the-mesh"), namespace: dnsLabel }),
  z.strictObject({ slug: z.literal("require-mtls"), namespace: dnsLabel }),
  z.strictObject({
    slug: z.literal("give-a-waypoint"),
    namespace: dnsLabel,
    replicas: z.int().min(1).max(10),
  }),
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
    ports,
    requests: requestRules,
    until,
  }),
  /** Nobody may call until somebody is let in; comes when the access of a service's last caller ends by itself. */
  z.strictObject({ slug: z.literal("keep-closed"), service: serviceRef }),
  z.strictObject({
    slug: z.literal("block-a-caller"),
    service: serviceRef,
    /** One caller, or everybody but these. */
    blocked: z.discriminatedUnion("who", [
      z.strictObject({ who: z.literal("this"), caller: identityChoice }),
      z.strictObject({ who: z.literal("all-but"), callers: z.array(identityChoice).min(1).max(50) }),
    ]),
    ports,
    requests: requestRules,
    until,
  }),
  z.strictObject({ slug: z.literal("require-sign-in"), service: serviceRef, ...signInValues }),
  z.strictObject({
    slug: z.literal("ask-an-authorizer"),
    service: serviceRef,
    authorizer: dnsName,
    methods: z.array(method).max(16),
    paths: z.array(pathPattern).max(32),
    exceptPaths: z.array(pathPattern).max(32),
  }),
  /** An authorizer that the whole mesh may be told to ask; comes with the path `ask-an-authorizer`. */
  z.strictObject({ slug: z.literal("know-an-authorizer"), name: dnsName, at: newAuthorizer }),
  z.strictObject({ slug: z.literal("expose-to-the-outside"), service: serviceRef, ...exposeValues }),
  z.strictObject({ slug: z.literal("allow-a-destination"), namespace: dnsLabel, ...destinationValues }),
  z.strictObject({ slug: z.literal("retries"), service: serviceRef, ...retriesValues }),
  z.strictObject({ slug: z.literal("timeouts"), service: serviceRef, ...timeoutsValues }),
  z.strictObject({ slug: z.literal("circuit-breaker"), service: serviceRef, ...circuitBreakerValues }),
  z.strictObject({ slug: z.literal("rate-limit"), service: serviceRef, ...rateLimitValues }),
  z.strictObject({ slug: z.literal("mirror-traffic"), service: serviceRef, ...mirrorValues }),
  z.strictObject({ slug: z.literal("test-with-faults"), service: serviceRef, ...faultValues }),
  z.strictObject({ slug: z.literal("prefer-the-zone"), service: serviceRef, ...zoneValues }),
  z.strictObject({ slug: z.literal("keep-in-region"), service: serviceRef }),
  /** How calls are shared among versions; a release moves it. */
  z.strictObject({ slug: z.literal("release-a-version"), service: serviceRef, ...releaseValues }),
]);
export type Intent = z.infer<typeof intent>;
export type IntentSlug = Intent["slug"];
export type IntentOf<S extends IntentSlug> = Extract<Intent, { slug: S }>;

/** Intents that are about one service. */
export type ServiceIntent = Extract<Intent, { service: unknown }>;
export const isServiceIntent = (of: Intent): of is ServiceIntent => "service" in of;

/** What an intent is about: at most one of a key is in force. */
export function intentKey(of: Intent): string {
  switch (of.slug) {
    case "join-the-mesh":
    case "require-mtls":
    case "give-a-waypoint":
    case "lock-down":
      return `${of.slug}/${of.namespace}`;
    case "let-a-caller-in":
      return `${serviceKey(of)}/${callerKey(of.caller)}`;
    case "block-a-caller":
      return `${serviceKey(of)}/${of.blocked.who === "this" ? callerKey(of.blocked.caller) : "all-but"}`;
    case "ask-an-authorizer":
      return `${serviceKey(of)}/${of.authorizer}`;
    case "know-an-authorizer":
      return `${of.slug}/${of.name}`;
    case "expose-to-the-outside":
      return `${serviceKey(of)}/${of.host}${of.path}`;
    case "allow-a-destination":
      return `${of.slug}/${of.namespace}/${of.host}`;
    default:
      return serviceKey(of);
  }
}

const serviceKey = ({ slug, service }: ServiceIntent): string => `${slug}/${service.namespace}/${service.name}`;
const callerKey = (caller: z.infer<typeof callerChoice>): string =>
  caller.kind === "anyone" ? "anyone" : `${caller.namespace}/${caller.serviceAccount}`;

/** Namespace whose owner decides; `istio-system` for the whole mesh. */
export const intentNamespace = (of: Intent): string =>
  isServiceIntent(of) ? of.service.namespace : "namespace" in of ? of.namespace : rootNamespace;

/** When it ends by itself; null for never. */
export const endOf = (of: Intent): number | null => ("until" in of ? of.until : null);

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

export function intentsOf<S extends IntentSlug>(set: IntentSet, slug: S): IntentOf<S>[] {
  return [...set.values()].filter((one): one is IntentOf<S> => one.slug === slug);
}

/** Everything in force for one service. */
export const intentsOfService = (
  set: IntentSet,
  { namespace, name }: { namespace: string; name: string },
): ServiceIntent[] =>
  [...set.values()]
    .filter(isServiceIntent)
    .filter((one) => one.service.namespace === namespace && one.service.name === name);

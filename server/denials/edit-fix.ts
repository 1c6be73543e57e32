/** A refusal by what golden paths made: the form that made it, as it stands now, with what was refused let through. Pure. */
import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import type { InForceIntent } from "@/server/golden-path-pages/in-force.ts";
import type { Intent, IntentOf, IntentSlug } from "@/server/golden-paths/intent.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";
import { addRequest, type NearestRule } from "./add-request.ts";
import type { Makers } from "./made-by.ts";

export interface RefusedCall {
  readonly identity: Pick<DenialIdentity, "reason"> &
    Partial<Pick<DenialIdentity, "hop" | "attribute" | "method" | "path" | "host">>;
  /** Who called; undefined when nothing was proven. */
  readonly caller: { readonly namespace: string; readonly serviceAccount: string } | undefined;
  /** As the pages call it. */
  readonly callerTitle: string;
  readonly service: { readonly namespace: string; readonly name: string };
  /** The service's own number; undefined when it is not known. */
  readonly port: number | undefined;
  /** The rule that came nearest, when one did. */
  readonly nearest: NearestRule | undefined;
}

interface Made<S extends IntentSlug> {
  readonly intent: IntentOf<S>;
  readonly entry: InForceIntent["entry"];
}

const made = <S extends IntentSlug>(all: readonly InForceIntent[], slug: S): Made<S>[] =>
  all.flatMap(({ intent, entry }) => (isOf(intent, slug) ? [{ intent, entry }] : []));

const isOf = <S extends IntentSlug>(intent: Intent, slug: S): intent is IntentOf<S> => intent.slug === slug;

const bySignIn = (all: readonly InForceIntent[], { service }: RefusedCall): Prefilled | null => {
  const [found] = made(all, "require-sign-in");
  return found === undefined ? null : edit(found.entry, `Change who must sign in at ${service.name}`);
};

/** `makers` is what stands behind the refusing policy, `inForce` everything. null: none of them has a say in it. */
export function editFix(
  call: RefusedCall,
  { ours, intents: makers }: Makers,
  inForce: readonly InForceIntent[],
): Prefilled | null {
  switch (call.identity.reason) {
    case "no-allow-policy-matched":
      return ours ? (letMore(call, inForce) ?? expose(call)) : null;
    case "denied-by-policy":
      return unblock(call, makers) ?? bySignIn(makers, call);
    case "token-invalid":
      return bySignIn(makers, call);
    case "refused-by-authorizer":
    case "authorizer-unavailable": {
      const [found] = made(makers, "ask-an-authorizer");
      return found === undefined
        ? null
        : edit(found.entry, `Change what ${found.intent.authorizer} is asked about ${call.service.name}`);
    }
    case "rate-limited": {
      const [found] = made(makers, "rate-limit");
      return found === undefined ? null : edit(found.entry, `Change the limits of ${call.service.name}`);
    }
    default:
      return null;
  }
}

const edit = (
  { slug, edit: values }: InForceIntent["entry"],
  title: string,
  more: Readonly<Record<string, unknown>> = {},
): Prefilled => ({ slug, title, reason: "Opens the form as it is filled in now", values: { ...values, ...more } });

/** The caller is let in already, for other requests or ports. */
function letMore(call: RefusedCall, inForce: readonly InForceIntent[]): Prefilled | null {
  const { caller, callerTitle, service, port, identity } = call;
  const own = made(inForce, "let-a-caller-in").filter(({ intent }) => sameService(intent.service, service));
  const held = own.find(({ intent }) => sameCaller(intent.caller, caller)) ?? own.find(({ intent }) => forAll(intent));
  if (held === undefined) {
    return null;
  }
  const { ports, requests } = held.intent;
  const who = forAll(held.intent) ? "everybody" : callerTitle;
  if (port !== undefined && !ports.includes(port)) {
    const values = { ports: [...ports, port].sort((one, other) => one - other) };
    return edit(held.entry, `Let ${who} call port ${port} of ${service.name}`, values);
  }
  const { method = "", path = "", attribute = "" } = identity;
  const wider = /^request\.(method|path)$/.test(attribute)
    ? addRequest(requests, { method, path }, call.nearest)
    : undefined;
  return wider === undefined
    ? edit(held.entry, `Change what ${who} may send to ${service.name}`)
    : edit(held.entry, `Let ${who} send ${method} ${path} to ${service.name}`, { requests: wider });
}

/** A gateway that a lock-down left open for the hosts of its routes only. */
function expose({ identity, service }: RefusedCall): Prefilled | null {
  const host = (identity.host ?? "").replace(/:\d+$/, "");
  return identity.hop === "gateway" && identity.attribute === "request.host" && host !== ""
    ? {
        slug: "expose-to-the-outside",
        title: `Expose a service as ${host}`,
        reason: `${service.name} is open for the hosts that it serves, and serves none of this name`,
        values: { host },
      }
    : null;
}

function unblock({ caller, callerTitle, service }: RefusedCall, makers: readonly InForceIntent[]): Prefilled | null {
  const blocks = made(makers, "block-a-caller");
  const own = blocks.find(({ intent: { blocked } }) => blocked.who === "this" && sameCaller(blocked.caller, caller));
  if (own !== undefined) {
    return {
      slug: own.entry.slug,
      title: `Unblock ${callerTitle} at ${service.name}`,
      reason: "Takes the block back; what other rules say holds again",
      values: own.entry.remove,
    };
  }
  for (const { intent, entry } of blocks) {
    if (intent.blocked.who === "all-but") {
      return caller === undefined
        ? edit(entry, `Change who is blocked at ${service.name}`)
        : edit(entry, `Spare ${callerTitle} from the block of ${service.name}`, {
            callers: [...intent.blocked.callers, { kind: "identity", ...caller }],
          });
    }
  }
  return null;
}

const sameService = (one: RefusedCall["service"], other: RefusedCall["service"]): boolean =>
  one.namespace === other.namespace && one.name === other.name;

const forAll = ({ caller }: IntentOf<"let-a-caller-in">): boolean => caller.kind === "anyone";

const sameCaller = (choice: IntentOf<"let-a-caller-in">["caller"], caller: RefusedCall["caller"]): boolean =>
  choice.kind === "identity" &&
  caller !== undefined &&
  choice.namespace === caller.namespace &&
  choice.serviceAccount === caller.serviceAccount;

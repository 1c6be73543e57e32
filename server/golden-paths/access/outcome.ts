/** What the mesh would decide after a change: the policies as they will be, and its own engine. Pure. */
import {
  type AuthorizationPolicyResource,
  type Passage,
  type PeerAuthenticationResource,
  simulate,
} from "@/mesh-runtime/policy/index.ts";
import type { Decision } from "@/mesh-runtime/policy/model.ts";
import type { IdentityChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { waypointClass } from "@/server/inventory/labels.ts";
import type { InventoryPod, InventoryService } from "@/server/inventory/model.ts";
import { authorizersOf } from "../ask-an-authorizer/mesh-config.ts";
import { changeIntents, type IntentChange, type IntentOf, intentsOf } from "../intent.ts";
import type { PathContext } from "../path.ts";
import { render } from "../render.ts";
import { canonical, type Rendered, resourceKey } from "../resource.ts";
import { surroundingsOf } from "../surroundings.ts";
import { claimNames } from "./claims.ts";
import type { SampleRequest } from "./sample-request.ts";

/** Who calls: undefined in plain text. */
export type Caller = Pick<IdentityChoice, "namespace" | "serviceAccount"> | undefined;

export interface Outcome {
  /** The waypoint that calls to the service will go through. */
  waypointOf(service: ServiceRef): ServiceRef | undefined;
  /** A request on its way to a service; with a token that fulfils what its sign-in asks for, or without. */
  request(
    to: InventoryService,
    from: Caller,
    port: number,
    request: SampleRequest,
    token: "signed-in" | "none",
  ): Passage;
  /** A connection straight to a pod's own port. */
  connection(to: InventoryPod, from: Caller, port: number): Decision;
}

/** Trust domains do not matter to what is rendered; policies made by hand mostly write the usual one. */
const principalOf = (caller: NonNullable<Caller>): string =>
  `cluster.local/ns/${caller.namespace}/sa/${caller.serviceAccount}`;

const nowhere = "192.0.2.1";

const judged = new WeakMap<PathContext, Map<string, Outcome>>();

/** Findings and probes of one form ask the same. */
export function outcomeOf(changes: readonly IntentChange[], context: PathContext): Outcome {
  const known = judged.get(context) ?? new Map<string, Outcome>();
  judged.set(context, known);
  const key = canonical(changes);
  const outcome = known.get(key) ?? judge(changes, context);
  known.set(key, outcome);
  return outcome;
}

function judge(changes: readonly IntentChange[], { current, inventory }: PathContext): Outcome {
  const next = changeIntents(current, changes);
  const former = render(current, inventory);
  const rendered = render(next, inventory);
  const of = (kind: string): Rendered[] => [...rendered.values()].filter((one) => one.kind === kind);
  const byHand =
    (kind: string) =>
    ({
      metadata,
    }: {
      readonly metadata: { readonly namespace?: string | undefined; readonly name?: string | undefined };
    }) => {
      const key = resourceKey({ apiVersion: "", kind, namespace: metadata.namespace ?? "", name: metadata.name ?? "" });
      return !former.has(key) && !rendered.has(key);
    };
  const providers = [
    ...authorizersOf(inventory).map(({ name }) => name),
    ...intentsOf(next, "know-an-authorizer").map(({ name }) => name),
  ];
  const simulation = simulate({
    // What is rendered is valid for its kind: property tests say so.
    authorizationPolicies: [
      ...inventory.authorizationPolicies.filter(byHand("AuthorizationPolicy")),
      ...(of("AuthorizationPolicy") as AuthorizationPolicyResource[]),
    ],
    peerAuthentications: [
      ...inventory.peerAuthentications.filter(byHand("PeerAuthentication")),
      ...(of("PeerAuthentication") as PeerAuthenticationResource[]),
    ],
    providers,
  });
  const { waypointOf } = surroundingsOf(next, inventory);
  const signIns = new Map(
    intentsOf(next, "require-sign-in").map((one) => [`${one.service.namespace}/${one.service.name}`, one]),
  );
  return {
    waypointOf,
    request(to, from, port, { method, path, headers }, token) {
      const waypoint = waypointOf(to);
      const pod = to.pods[0];
      const signIn = signIns.get(`${to.namespace}/${to.name}`);
      return simulation.service(
        {
          namespace: to.namespace,
          name: to.name,
          ...(waypoint === undefined ? {} : { waypoint: { ...waypoint, labels: {}, gatewayClassName: waypointClass } }),
          ...(pod === undefined ? {} : { workload: { ...pod, ip: pod.ip || nowhere, port: podPort(to, port) } }),
        },
        {
          ...(from === undefined ? {} : { sourcePrincipal: principalOf(from) }),
          sourceIp: nowhere,
          destinationIp: nowhere,
          destinationPort: port,
          method,
          host: `${to.name}.${to.namespace}`,
          path,
          header: (name) => headers.find((one) => one.name === name)?.value,
          ...(token === "none" || signIn === undefined ? {} : { token: tokenOf(signIn) }),
        },
      );
    },
    connection: (to, from, port) =>
      simulation.connection(to, {
        ...(from === undefined ? {} : { sourcePrincipal: principalOf(from) }),
        sourceIp: nowhere,
        destinationIp: to.ip || nowhere,
        destinationPort: port,
      }),
  };
}

const podPort = (service: InventoryService, port: number): number =>
  service.ports.find((candidate) => candidate.port === port)?.targetPort || port;

/** A token that has everything that is asked for. */
function tokenOf({ issuer, audiences, claims }: IntentOf<"require-sign-in">) {
  const all: Record<string, unknown> = { iss: issuer, sub: "somebody" };
  for (const { claim, values } of claims) {
    const names = claimNames(claim);
    let at = all;
    for (const name of names.slice(0, -1)) {
      const inner = at[name];
      const next: Record<string, unknown> = isRecord(inner) ? inner : {};
      at[name] = next;
      at = next;
    }
    at[names.at(-1) ?? claim] = values.slice(0, 1);
  }
  return { principal: `${issuer}/somebody`, audiences, presenter: "", claims: all };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

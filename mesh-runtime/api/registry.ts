/** All kinds that the API serves. To add one: `<kind>.ts` (schema and types), `kinds/<kind>.ts`, one line here. */
import type { KindDefinition } from "./kind.ts";
import { authorizationPolicyKind } from "./kinds/authorizationpolicy.ts";
import { configMapKind } from "./kinds/configmap.ts";
import { deploymentKind } from "./kinds/deployment.ts";
import { destinationRuleKind } from "./kinds/destinationrule.ts";
import { eventKind } from "./kinds/event.ts";
import { gatewayKind } from "./kinds/gateway.ts";
import { gatewayClassKind } from "./kinds/gatewayclass.ts";
import { grpcRouteKind } from "./kinds/grpcroute.ts";
import { httpRouteKind } from "./kinds/httproute.ts";
import { namespaceKind } from "./kinds/namespace.ts";
import { nodeKind } from "./kinds/node.ts";
import { peerAuthenticationKind } from "./kinds/peerauthentication.ts";
import { podKind } from "./kinds/pod.ts";
import { rateLimitPolicyKind } from "./kinds/ratelimitpolicy.ts";
import { referenceGrantKind } from "./kinds/referencegrant.ts";
import { requestAuthenticationKind } from "./kinds/requestauthentication.ts";
import { secretKind } from "./kinds/secret.ts";
import { serviceKind } from "./kinds/service.ts";
import { serviceAccountKind } from "./kinds/serviceaccount.ts";
import { serviceEntryKind } from "./kinds/serviceentry.ts";
import { telemetryKind } from "./kinds/telemetry.ts";
import { virtualServiceKind } from "./kinds/virtualservice.ts";
import type { GroupVersionKind } from "./meta.ts";

export const kinds: readonly KindDefinition[] = [
  configMapKind,
  eventKind,
  namespaceKind,
  nodeKind,
  podKind,
  secretKind,
  serviceAccountKind,
  serviceKind,
  deploymentKind,
  gatewayClassKind,
  gatewayKind,
  httpRouteKind,
  grpcRouteKind,
  referenceGrantKind,
  authorizationPolicyKind,
  peerAuthenticationKind,
  requestAuthenticationKind,
  destinationRuleKind,
  virtualServiceKind,
  serviceEntryKind,
  telemetryKind,
  rateLimitPolicyKind,
];

/** The kind that serves `gvk`, whatever served version it names. */
export function kindByGvk(gvk: GroupVersionKind): KindDefinition | undefined {
  return kinds.find((k) => k.group === gvk.group && k.kind === gvk.kind && k.served.includes(gvk.version));
}

/** The kind behind a path: `/apis/<group>/<version>/…/<plural>`. */
export function kindByPath(group: string, version: string, plural: string): KindDefinition | undefined {
  return kinds.find((k) => k.group === group && k.plural === plural && k.served.includes(version));
}

/** Group-versions that are served: core first, then by name. */
export function groupVersions(): readonly { readonly group: string; readonly version: string }[] {
  const seen = new Map<string, { group: string; version: string }>();
  for (const { group, served } of kinds) {
    for (const version of served) {
      seen.set(`${group}/${version}`, { group, version });
    }
  }
  return [...seen.values()].sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0));
}

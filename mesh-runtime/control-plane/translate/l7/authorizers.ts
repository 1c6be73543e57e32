import type { L7Authorizer } from "../../../xds/proxy-config.ts";
import type { AuthorizerInput } from "../input/authorizer.ts";
import type { World } from "../input/world.ts";
import { keyOfService } from "../service-address.ts";
import { type ClusterRef, clusterKey } from "./cluster-key.ts";
import { serviceOfHost } from "./hosts.ts";

/** External authorizers and the clusters that they need. */
export interface TranslatedAuthorizers {
  readonly authorizers: readonly L7Authorizer[];
  readonly clusters: readonly ClusterRef[];
}

/** All external authorizers of MeshConfig. One whose Service cannot be found has no cluster and denies. */
export function authorizersOf(world: World): TranslatedAuthorizers {
  const clusters: ClusterRef[] = [];
  const named = new Map<string, L7Authorizer>();
  for (const { name, authorizer } of world.meshConfig.providers) {
    if (authorizer !== undefined && name !== "" && !named.has(name)) {
      const ref = clusterOfAuthorizer(authorizer, world);
      if (ref !== undefined) {
        clusters.push(ref);
      }
      named.set(name, translateAuthorizer(authorizer, ref));
    }
  }
  return { authorizers: [...named.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), clusters };
}

/** Where an authorizer is; `undefined` when there is no such Service or port. */
export function clusterOfAuthorizer({ service, port }: AuthorizerInput, world: World): ClusterRef | undefined {
  const slash = service.indexOf("/");
  const found = serviceOfHost(service.slice(slash + 1), world);
  const named = slash < 0 || found?.namespace === service.slice(0, slash);
  return found !== undefined && named && found.ports.some((candidate) => candidate.port === port)
    ? { service: keyOfService(found), port, subset: "" }
    : undefined;
}

const translateAuthorizer = (input: AuthorizerInput, ref: ClusterRef | undefined): L7Authorizer => ({
  name: input.name,
  kind: input.kind,
  cluster: ref === undefined ? "" : clusterKey(ref),
  authority: input.service.slice(input.service.indexOf("/") + 1),
  timeoutMs: input.timeoutMs,
  // A provider that cannot be found is no outage of a provider: nothing opens for it.
  failOpen: ref !== undefined && input.failOpen,
  statusOnError: input.statusOnError,
  pathPrefix: input.pathPrefix,
  includeRequestHeaders: input.includeRequestHeaders,
  includeAdditionalHeaders: input.includeAdditionalHeaders,
  headersToUpstreamOnAllow: input.headersToUpstreamOnAllow,
  headersToDownstreamOnAllow: input.headersToDownstreamOnAllow,
  headersToDownstreamOnDeny: input.headersToDownstreamOnDeny,
  maxRequestBytes: input.maxRequestBytes,
  allowPartialMessage: input.allowPartialMessage,
});

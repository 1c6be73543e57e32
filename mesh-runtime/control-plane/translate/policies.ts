import {
  type CompiledAuthorization,
  compileAuthorization,
  compilePeerAuthentications,
  type PeerAuthenticationResource,
  peerAuthenticationKeys,
  selectsWorkload,
  targetRefsOf,
} from "../../policy/index.ts";
import type { Authorization } from "../../policy/model.ts";
import { fields } from "./input/lenient.ts";
import type { PodInput } from "./input/pod.ts";
import type { AuthorizationPolicyInput } from "./input/policy.ts";
import type { MeshFacts, World } from "./input/world.ts";
import type { Memo } from "./memo.ts";
import type { StableGroups } from "./stable-groups.ts";

/** An AuthorizationPolicy, compiled, or why it cannot be. */
export type CompiledPolicy = AuthorizationPolicyInput & {
  readonly key: string;
  readonly targeted: boolean;
  readonly compiled: CompiledAuthorization | { readonly error: string };
};

/** What compiling may take over from the time before. */
export interface PolicyMemory {
  readonly policies: Memo<CompiledPolicy>;
  readonly peers: StableGroups<PeerAuthenticationResource>;
  readonly peerPolicies: Memo<readonly Authorization[]>;
}

/** All policies, compiled. */
export interface CompiledPolicies {
  /** In order of namespace and name. */
  readonly policies: readonly CompiledPolicy[];
  /** What goes to the agents. */
  readonly authorizations: readonly Authorization[];
  /** Keys of the selector policies that bind a pod. */
  bindingPod(pod: PodInput): readonly string[];
}

/** Compiles every policy; one that cannot be compiled is an error of its own and harms no other. */
export function compilePolicies(world: World, facts: MeshFacts, memory: PolicyMemory): CompiledPolicies {
  const providers = new Set(
    world.meshConfig.providers.flatMap(({ name, authorizer }) => (authorizer === undefined ? [] : [name])),
  );
  const known = JSON.stringify([...providers]);
  const policies = [...world.authorizationPolicies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, input]) =>
      memory.policies(input, [key, facts.rootNamespace, known], () => compileOne(key, input, facts, providers)),
    );
  const sorted = [...world.peerAuthentications]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { resource }]) => resource);
  const peers = memory.peers(new Map([["", sorted]])).get("") ?? [];
  const peerPolicies = memory.peerPolicies(
    peers,
    [facts.rootNamespace],
    () => attempt(() => compilePeerAuthentications(peers, facts.rootNamespace)) ?? [],
  );
  const selecting = indexSelectors(policies.filter(bindsBySelector));
  const peersByNamespace = Map.groupBy(peers, ({ metadata }) => metadata.namespace ?? "");
  /** Only these can bind a pod: of its namespace, and of the root namespace. */
  const near = <T>(groups: ReadonlyMap<string, readonly T[]>, namespace: string): readonly T[] =>
    namespace === facts.rootNamespace
      ? (groups.get(namespace) ?? [])
      : [...(groups.get(namespace) ?? []), ...(groups.get(facts.rootNamespace) ?? [])];
  return {
    policies,
    authorizations: [
      ...policies.flatMap(({ compiled }) =>
        "error" in compiled || compiled.authorization === undefined ? [] : [compiled.authorization],
      ),
      ...peerPolicies,
    ],
    bindingPod(pod) {
      const subject = { namespace: pod.namespace, labels: pod.labels };
      const own = selecting(pod, facts)
        .filter(({ resource }) => attempt(() => selectsWorkload(resource, subject, facts.rootNamespace)) === true)
        .map(({ key }) => key)
        .sort();
      const nearPeers = near(peersByNamespace, pod.namespace);
      return [...own, ...(attempt(() => peerAuthenticationKeys(nearPeers, subject, facts.rootNamespace)) ?? [])];
    },
  };
}

/** Finds the selector policies that may bind a pod by one label of theirs, without looking at all of them. */
function indexSelectors(
  policies: readonly CompiledPolicy[],
): (pod: PodInput, facts: MeshFacts) => readonly CompiledPolicy[] {
  const index = Map.groupBy(policies, ({ namespace, resource }) => {
    const [label = ["", ""]] = Object.entries(fields(fields(resource.spec?.selector)["matchLabels"]));
    return `${namespace}/${label[0]}=${String(label[1])}`;
  });
  return ({ namespace, labels }, { rootNamespace }) =>
    [...new Set([namespace, rootNamespace])].flatMap((from) => [
      ...(index.get(`${from}/=`) ?? []),
      ...Object.entries(labels).flatMap(([name, value]) => index.get(`${from}/${name}=${value}`) ?? []),
    ]);
}

const bindsBySelector = ({ targeted, compiled, resource }: CompiledPolicy): boolean =>
  !targeted && resource.spec?.selector !== undefined && ("error" in compiled || compiled.authorization !== undefined);

function compileOne(
  key: string,
  input: AuthorizationPolicyInput,
  facts: MeshFacts,
  providers: ReadonlySet<string>,
): CompiledPolicy {
  try {
    return {
      ...input,
      key,
      targeted: targetRefsOf(input.resource).length > 0,
      compiled: compileAuthorization(input.resource, facts.rootNamespace, (name) => providers.has(name)),
    };
  } catch (error) {
    return {
      ...input,
      key,
      targeted: (attempt(() => targetRefsOf(input.resource)) ?? []).length > 0,
      compiled: { error: error instanceof Error ? error.message : String(error) },
    };
  }
}

/** What the schema lets through is well formed; this is for what was stored before, or came around the schema. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

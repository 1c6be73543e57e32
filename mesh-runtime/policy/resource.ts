/** The parts of the resources that the engine reads; the kinds in `mesh-runtime/api` fit these shapes. */

export interface PolicyMetadata {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly creationTimestamp?: string | null | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

type Texts = readonly string[] | undefined;

export interface SourceFields {
  readonly principals?: Texts;
  readonly notPrincipals?: Texts;
  readonly requestPrincipals?: Texts;
  readonly notRequestPrincipals?: Texts;
  readonly namespaces?: Texts;
  readonly notNamespaces?: Texts;
  readonly serviceAccounts?: Texts;
  readonly notServiceAccounts?: Texts;
  readonly ipBlocks?: Texts;
  readonly notIpBlocks?: Texts;
  readonly remoteIpBlocks?: Texts;
  readonly notRemoteIpBlocks?: Texts;
}

export interface OperationFields {
  readonly hosts?: Texts;
  readonly notHosts?: Texts;
  readonly ports?: Texts;
  readonly notPorts?: Texts;
  readonly methods?: Texts;
  readonly notMethods?: Texts;
  readonly paths?: Texts;
  readonly notPaths?: Texts;
}

export interface ConditionFields {
  readonly key: string;
  readonly values?: Texts;
  readonly notValues?: Texts;
}

export interface RuleFields {
  readonly from?: readonly { readonly source?: SourceFields | undefined }[] | undefined;
  readonly to?: readonly { readonly operation?: OperationFields | undefined }[] | undefined;
  readonly when?: readonly ConditionFields[] | undefined;
}

export interface TargetRefFields {
  readonly group?: string | undefined;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

export interface SelectorFields {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
}

/** `security.istio.io/v1` AuthorizationPolicy. */
export interface AuthorizationPolicyResource {
  readonly metadata: PolicyMetadata;
  readonly spec?:
    | {
        readonly selector?: SelectorFields | undefined;
        readonly targetRef?: TargetRefFields | undefined;
        readonly targetRefs?: readonly TargetRefFields[] | undefined;
        readonly action?: string | undefined;
        /** CUSTOM: name of an entry of MeshConfig `extensionProviders`. */
        readonly provider?: { readonly name?: string | undefined } | undefined;
        readonly rules?: readonly RuleFields[] | undefined;
      }
    | undefined;
}

export interface MutualTlsFields {
  readonly mode?: string | undefined;
}

/** `security.istio.io/v1` PeerAuthentication. */
export interface PeerAuthenticationResource {
  readonly metadata: PolicyMetadata;
  readonly spec?:
    | {
        readonly selector?: SelectorFields | undefined;
        readonly mtls?: MutualTlsFields | undefined;
        readonly portLevelMtls?: Readonly<Record<string, MutualTlsFields>> | undefined;
      }
    | undefined;
}

/** Whether `matchLabels` selects something with these labels; no labels select everything. */
export function selects(selector: SelectorFields | undefined, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}

/** Namespace of a resource; `default` where none is written, as kubectl has it. */
export const namespaceOf = (resource: { readonly metadata: PolicyMetadata }): string =>
  resource.metadata.namespace ?? "default";

/** Name of a resource. */
export const nameOf = (resource: { readonly metadata: PolicyMetadata }): string => resource.metadata.name ?? "";

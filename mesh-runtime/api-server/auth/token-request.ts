import * as z from "zod";
import type { KubeObject } from "../../api/meta.ts";
import { errors } from "../api-error.ts";
import { decodeObject } from "../http/body.ts";
import type { ApiRequest, ResourcePath } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import type { Store } from "../store/store.ts";
import { restrictNodeToken } from "./node-restriction.ts";
import { type Binding, issuer, type ServiceAccountTokens } from "./service-account-tokens.ts";

const lifetime = { minSeconds: 600, defaultSeconds: 3_600, maxSeconds: 7 * 86_400 } as const;

const specSchema = z.object({
  audiences: z.array(z.string().min(1).max(256)).max(16).nullish(),
  expirationSeconds: z.int().nullish(),
  boundObjectRef: z
    .object({
      kind: z.string(),
      apiVersion: z.string().optional(),
      name: z.string().min(1).max(253),
      uid: z.string().max(128).optional(),
    })
    .nullish(),
});

export interface TokenRequestDeps {
  readonly store: Store;
  readonly accounts: ServiceAccountTokens;
  readonly now: () => Date;
}

/** POST `serviceaccounts/<name>/token`: signs a token, bound to a Pod, Secret or Node if asked. Throws 400, 403, 404, 409, 422. */
export async function requestToken(deps: TokenRequestDeps, request: ApiRequest, target: ResourcePath): Promise<Answer> {
  const { store, accounts, now } = deps;
  const namespace = target.namespace ?? "";
  const name = target.name ?? "";
  const { value } = await decodeObject(request.raw, "TokenRequest");
  const body = (value ?? {}) as { spec?: unknown };
  const parsed = specSchema.safeParse(body.spec ?? {});
  if (!parsed.success) {
    throw errors.badRequest(`TokenRequest cannot be read: spec.${parsed.error.issues[0]?.path.join(".") ?? ""}`);
  }
  const spec = parsed.data;
  const seconds = spec.expirationSeconds ?? lifetime.defaultSeconds;
  if (seconds < lifetime.minSeconds) {
    throw errors.invalid("authentication.k8s.io", "TokenRequest", "", [
      {
        reason: "FieldValueInvalid",
        field: "spec.expirationSeconds",
        message: `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`,
      },
    ]);
  }
  const account = store.get({ resource: "/serviceaccounts", namespace, name })?.object;
  if (account?.metadata?.uid === undefined) {
    throw errors.notFound({ group: "", plural: "serviceaccounts" }, name);
  }
  const reference = spec.boundObjectRef ?? undefined;
  restrictNodeToken(request.user, {
    namespace,
    serviceAccount: name,
    bound: reference === undefined ? undefined : { ...reference, uid: reference.uid ?? "" },
    podOf: (ns, pod) => store.get({ resource: "/pods", namespace: ns, name: pod })?.object,
  });
  const binding = reference === undefined ? {} : bindingOf(store, namespace, name, reference);
  const audiences = spec.audiences?.length ? spec.audiences : [issuer];
  const granted = Math.min(seconds, lifetime.maxSeconds);
  const expiresAt = Math.floor(now().getTime() / 1_000) + granted;
  const token = accounts.issue({
    namespace,
    serviceAccount: { name, uid: account.metadata.uid },
    audiences,
    expiresAt,
    binding,
  });
  const answer = {
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    metadata: { name, namespace, creationTimestamp: new Date((expiresAt - granted) * 1_000).toISOString() },
    spec: { audiences, expirationSeconds: granted, boundObjectRef: reference ?? null },
    status: { token, expirationTimestamp: new Date(expiresAt * 1_000).toISOString().replace(/\.\d+Z$/, "Z") },
  };
  return { code: 201, body: JSON.stringify(answer), warnings: request.warnings };
}

interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string | undefined;
}

const bindable: Readonly<Record<string, { readonly plural: string; readonly namespaced: boolean }>> = {
  Pod: { plural: "pods", namespaced: true },
  Secret: { plural: "secrets", namespaced: true },
  Node: { plural: "nodes", namespaced: false },
};

function bindingOf(store: Store, namespace: string, account: string, reference: Reference): Binding {
  const { kind, name } = reference;
  const of = bindable[kind];
  if (of === undefined) {
    throw errors.badRequest(`cannot bind token to object of type ${kind}`);
  }
  const found = store.get({ resource: `/${of.plural}`, namespace: of.namespaced ? namespace : "", name })?.object;
  if (found?.metadata?.uid === undefined) {
    throw errors.notFound({ group: "", plural: of.plural }, name);
  }
  if (reference.uid && reference.uid !== found.metadata.uid) {
    throw errors.conflict(
      { group: "", plural: of.plural },
      name,
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  const bound = { name, uid: found.metadata.uid };
  if (kind === "Node") {
    return { node: bound };
  }
  if (kind === "Secret") {
    return { secret: bound };
  }
  const { spec } = found as KubeObject & { spec?: { nodeName?: string; serviceAccountName?: string } };
  if ((spec?.serviceAccountName ?? "default") !== account) {
    throw errors.badRequest(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
    );
  }
  const node = spec?.nodeName;
  const nodeUid = node === undefined ? undefined : store.get({ resource: "/nodes", namespace: "", name: node });
  return {
    pod: bound,
    ...(node === undefined ? {} : { node: { name: node, uid: nodeUid?.object.metadata?.uid ?? "unknown" } }),
  };
}

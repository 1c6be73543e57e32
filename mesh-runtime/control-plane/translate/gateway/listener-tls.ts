import { condition, type WantedCondition } from "../conditions.ts";
import type { CertificateRefInput, GatewayInput, ListenerInput } from "../input/gateway.ts";
import type { World } from "../input/world.ts";
import { secretProblem } from "../l7/certificates.ts";
import { isGranted } from "../routes/references.ts";

/** The certificates of an HTTPS listener, as `<namespace>/<secret>`, or its condition `ResolvedRefs` that says why not. */
export type ListenerTls = { readonly certificates: readonly string[] } | { readonly refusal: WantedCondition };

/** Looks up a listener's certificates; a listener without TLS has none. */
export function listenerTls(gateway: GatewayInput, listener: ListenerInput, world: World): ListenerTls {
  if (listener.protocol !== "HTTPS") {
    return { certificates: [] };
  }
  const refs = listener.tls?.certificates ?? [];
  if (refs.length === 0) {
    return refused("InvalidCertificateRef", "exactly 1 certificateRefs should be present for TLS termination");
  }
  for (const ref of refs) {
    const refusal = refusalOf(ref, gateway, world);
    if (refusal !== undefined) {
      return refusal;
    }
  }
  return { certificates: refs.map(({ namespace, name }) => `${namespace}/${name}`) };
}

function refusalOf(ref: CertificateRefInput, gateway: GatewayInput, world: World): ListenerTls | undefined {
  const { group, kind, namespace, name, written } = ref;
  if (group !== "" || kind !== "Secret") {
    return refused("InvalidCertificateRef", `invalid certificate reference ${written}, only secret is allowed`);
  }
  const to = { kind: "Secret", namespace, name } as const;
  if (namespace !== gateway.namespace && !isGranted({ kind: "Gateway", namespace: gateway.namespace }, to, world)) {
    return refused(
      "RefNotPermitted",
      `certificateRef ${name}/${namespace} not accessible to a Gateway in namespace "${gateway.namespace}" (missing a ReferenceGrant?)`,
    );
  }
  const problem = secretProblem(`${namespace}/${name}`, world);
  return problem === undefined
    ? undefined
    : refused("InvalidCertificateRef", `invalid certificate reference ${written}, ${problem}`);
}

const refused = (reason: string, message: string): { refusal: WantedCondition } => ({
  refusal: condition("ResolvedRefs", "False", reason, message),
});

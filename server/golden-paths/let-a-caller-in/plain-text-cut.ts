/** What happens to connections that callers opened before they, or the service, joined the mesh. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService, identitiesOf } from "@/server/inventory/model.ts";
import { outcomeOf } from "../access/outcome.ts";
import type { Grant } from "../access/service-access.ts";
import { shortTitle } from "../access/words.ts";
import { type IntentChange, intentNamespace } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";

/** Callers that a change lets in, or lets in otherwise than before. */
export const grantsIn = (changes: readonly IntentChange[]): Grant[] =>
  changes.flatMap(({ after }) =>
    after?.slug === "let-a-caller-in" && after.caller.kind === "identity" ? [after] : [],
  );

/** Namespaces in which either end of the grants lives. */
export const endsOf = (grants: readonly Grant[]): string[] => [
  ...new Set(
    grants.flatMap((grant) => [
      intentNamespace(grant),
      ...(grant.caller.kind === "identity" ? [grant.caller.namespace] : []),
    ]),
  ),
];

/**
 * A connection that was opened before both of its ends were in the mesh carries no identity. When a change refuses plain
 * text that was let in until now, such connections are cut, those of the very callers whom it lets in, too.
 * `joined`: namespaces that joined a short while ago.
 */
export function plainTextCut(
  changes: readonly IntentChange[],
  joined: ReadonlySet<string>,
  context: PathContext,
): Finding[] {
  const { inventory } = context;
  const identities = identitiesOf(inventory);
  const cut = grantsIn(changes).filter((grant) => {
    const { caller, service: ref, ports } = grant;
    const service = findService(inventory, ref);
    const enrolled = identities.some(
      (one) =>
        caller.kind === "identity" &&
        one.enrolled &&
        !one.gateway &&
        one.namespace === caller.namespace &&
        one.serviceAccount === caller.serviceAccount,
    );
    return (
      enrolled &&
      endsOf([grant]).some((namespace) => joined.has(namespace)) &&
      service?.pods.some((pod) =>
        service.ports
          .filter(({ port }) => ports.includes(port))
          .some(
            ({ port, targetPort }) =>
              outcomeOf([], context).connection(pod, undefined, targetPort || port).allowed &&
              !outcomeOf(changes, context).connection(pod, undefined, targetPort || port).allowed,
          ),
      ) === true
    );
  });
  if (cut.length === 0) {
    return [];
  }
  const callers = listNames([...new Set(cut.map(({ caller }) => shortTitle(caller)))]);
  const services = listNames([...new Set(cut.map(({ service }) => service.name))]);
  return [
    finding(
      "info",
      "plain-text-callers",
      "callers",
      `Connections from ${callers} to ${services} that were opened before both were in the mesh carry no identity. Those that are still open are cut once; the next one proves who calls and gets in.`,
    ),
  ];
}

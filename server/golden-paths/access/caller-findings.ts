/** What there is to say about callers that are named. Pure. */
import type { CallerChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { identitiesOf } from "@/server/inventory/model.ts";
import { finding, type PathContext } from "../path.ts";
import { enrol } from "./service-findings.ts";
import { callerTitle } from "./words.ts";

/** Identities that do not exist, do not run, or cannot prove who they are. */
export function callerFindings(callers: readonly CallerChoice[], context: Pick<PathContext, "inventory">): Finding[] {
  const identities = identitiesOf(context.inventory);
  return callers.flatMap((caller, index) => {
    if (caller.kind === "anyone") {
      return [];
    }
    const { namespace, serviceAccount } = caller;
    const field = `callers.${index}`;
    const identity = identities.find((one) => one.namespace === namespace && one.serviceAccount === serviceAccount);
    if (identity === undefined) {
      return [absentCaller(namespace, serviceAccount, field, context)];
    }
    if (identity.enrolled) {
      return [];
    }
    const title = callerTitle(caller, context);
    const message = `${title} is not in the mesh: its calls prove no identity and would still be refused.`;
    return [finding("warning", "caller-not-enrolled", field, message, enrol(namespace))];
  });
}

function absentCaller(
  namespace: string,
  account: string,
  field: string,
  { inventory }: Pick<PathContext, "inventory">,
): Finding {
  if (!inventory.namespaces.some(({ name }) => name === namespace)) {
    const message = `There is no namespace ${namespace}. Choose a caller from the list.`;
    return finding("error", "unknown-caller", field, message);
  }
  const exists = inventory.serviceAccounts.some((one) => one.namespace === namespace && one.name === account);
  if (exists) {
    return finding("info", "no-pods", field, `No pod runs as ${namespace}/${account} now.`);
  }
  const message = `There is no identity ${account} in namespace ${namespace}. Choose a caller from the list.`;
  return finding("error", "unknown-caller", field, message);
}

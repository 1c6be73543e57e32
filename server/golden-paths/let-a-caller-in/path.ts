import type { LetACallerInForm } from "@/server/contracts/golden-paths/access.ts";
import type { CallerChoice } from "@/server/contracts/golden-paths/parts.ts";
import { findService, identitiesOf } from "@/server/inventory/model.ts";
import { deniesAll, findPolicies, isWide } from "@/server/policies/applied.ts";
import { type Intent, intentKey, intentsOf } from "../intent.ts";
import { count, finding, type GoldenPath, listNames, type PathContext } from "../path.ts";

/** A caller in words: the service that runs under it when there is just one, else the account. */
export function callerTitle(caller: CallerChoice, { inventory }: Pick<PathContext, "inventory">): string {
  if (caller.kind === "anyone") {
    return "anyone";
  }
  const identity = identitiesOf(inventory).find(
    (one) => one.namespace === caller.namespace && one.serviceAccount === caller.serviceAccount,
  );
  const [only, ...others] = identity?.services ?? [];
  return only !== undefined && others.length === 0 ? only : caller.serviceAccount;
}

const shortTitle = (caller: CallerChoice): string => (caller.kind === "anyone" ? "anyone" : caller.serviceAccount);
const portsText = (ports: readonly number[]): string =>
  `port${ports.length === 1 ? "" : "s"} ${listNames(ports.map(String))}`;

export const letACallerIn: GoldenPath<"let-a-caller-in"> = {
  slug: "let-a-caller-in",
  title: "Let a service call mine",
  summary: "Allow a caller by its identity, not by its address. Everybody else stays out.",
  group: "access",
  keywords: ["allow", "authorizationpolicy", "grant", "permission", "principal", "service account", "spiffe"],

  plan(form, { current }) {
    const ports = [...new Set(form.ports)].sort((one, other) => one - other);
    return {
      namespaces: [form.service.namespace],
      services: [`${form.service.namespace}/${form.service.name}`],
      changes: form.callers.flatMap((caller) => {
        const { service, requests, until } = form;
        const intent: Intent = { slug: "let-a-caller-in", service, caller, ports, requests, until };
        const key = intentKey(intent);
        const before = current.get(key);
        const had = before?.slug === "let-a-caller-in" ? before.ports : [];
        const left = form.allowed
          ? [...new Set([...had, ...ports])].sort((one, other) => one - other)
          : had.filter((port) => !ports.includes(port));
        return [{ key, before, after: left.length === 0 ? undefined : { ...intent, ports: left }, subject: intent }];
      }),
    };
  },

  explain(form, context) {
    const callers = listNames([...new Set(form.callers.map((caller) => callerTitle(caller, context)))]);
    const where = `${form.service.name} on ${portsText(form.ports)}`;
    if (!form.allowed) {
      const rest = remainingCallers(form, context);
      const after = rest === 0 ? ` No rule of this path is left for ${form.service.name}.` : "";
      return `Takes away the permission of ${callers} to call ${where}.${after}`;
    }
    const others = form.callers.some(({ kind }) => kind === "anyone")
      ? "That includes callers in plain text and from outside the mesh."
      : isFirstRule(form, context)
        ? `It is the first rule for ${form.service.name}: every other caller is refused from then on.`
        : "Nobody else gains access.";
    return `Lets ${callers} call ${where}. ${others}`;
  },

  changeTitle: (form) => {
    const callers = listNames(form.callers.map(shortTitle), 3);
    return form.allowed
      ? `Let ${callers} call ${form.service.name}`
      : `Stop ${callers} from calling ${form.service.name}`;
  },

  button: (form) => letACallerIn.changeTitle(form),

  confirmWord: () => "",

  inUse: ({ current }) => count(intentsOf(current, "let-a-caller-in").length, "caller"),

  probes: () => [],

  refill(of) {
    if (of.slug !== "let-a-caller-in") {
      return undefined;
    }
    const { slug: _slug, caller, ...rest } = of;
    return {
      values: { ...rest, callers: [caller], allowed: true },
      summary: `${shortTitle(caller)} may call ${portsText(of.ports)}`,
    };
  },

  findings(form, context) {
    const { inventory, current } = context;
    const service = findService(inventory, form.service);
    if (service === undefined) {
      const message = `There is no service ${form.service.name} in namespace ${form.service.namespace}. Choose one from the list.`;
      return [finding("error", "unknown-service", "service", message)];
    }
    const found = [];
    for (const [index, port] of form.ports.entries()) {
      const known = service.ports.find((candidate) => candidate.port === port);
      if (known === undefined) {
        const offered = listNames(service.ports.map((one) => String(one.port)));
        const message = `${service.name} has no port ${port}. It offers ${offered}.`;
        const [only] = service.ports;
        const repair = only === undefined ? null : { title: `Use ${only.port}`, values: { ports: [only.port] } };
        found.push(finding("error", "unknown-port", `ports.${index}`, message, { repair }));
      } else if (
        service.pods.length > 0 &&
        !service.pods.some(({ ports }) => ports.some((open) => open.port === known.targetPort))
      ) {
        const message = `No pod of ${service.name} opens port ${known.targetPort}, where port ${port} leads.`;
        found.push(finding("warning", "port-not-open", `ports.${index}`, message));
      }
    }
    if (service.pods.length === 0) {
      found.push(
        finding("warning", "no-pods", "service", `${service.name} has no running pods: the rule waits for them.`),
      );
    } else if (service.kind === "service" && service.enrolment.captured < service.enrolment.pods) {
      const { captured, pods } = service.enrolment;
      const message =
        captured === 0
          ? `${service.name} is not in the mesh: the rule would not be enforced, everybody may call it.`
          : `${count(pods - captured, "pod")} of ${service.name} ${pods - captured === 1 ? "is" : "are"} not in the mesh: the rule is not enforced there.`;
      found.push(finding("warning", "service-not-enrolled", "service", message, enrol(service.namespace)));
    }
    found.push(...callerFindings(form, context));
    if (!form.allowed && remainingCallers(form, context) === 0 && current.size > 0) {
      const policies = findPolicies(inventory);
      const others = policies.ofService(service).filter((policy) => policy.metadata.name !== `${service.name}-callers`);
      if (!others.some((policy) => (policy.spec?.action ?? "ALLOW") === "ALLOW")) {
        const message = `No rule is left for ${service.name}, and it is not locked down: everybody may call it.`;
        const path = {
          slug: "lock-down" as const,
          title: `Lock down ${service.namespace}`,
          reason: "So that no rule means no access",
          values: { scope: "namespaces", namespaces: [service.namespace], locked: true, keepGatewaysOpen: true },
        };
        found.push(finding("warning", "anyone-may-call", "callers", message, { path }));
      }
    }
    return found;
  },
};

function callerFindings(form: LetACallerInForm, context: PathContext): ReturnType<typeof finding>[] {
  const { inventory } = context;
  const identities = identitiesOf(inventory);
  return form.callers.flatMap((caller, index) => {
    const field = `callers.${index}`;
    if (caller.kind === "anyone") {
      if (!form.allowed) {
        return [];
      }
      const message = "Anyone may call, with or without an identity. Name the callers if you can.";
      return [finding("warning", "anyone-may-call", field, message)];
    }
    const { namespace, serviceAccount } = caller;
    const identity = identities.find((one) => one.namespace === namespace && one.serviceAccount === serviceAccount);
    if (identity !== undefined) {
      if (identity.enrolled || !form.allowed) {
        return [];
      }
      const title = callerTitle(caller, context);
      const message = `${title} is not in the mesh: its calls prove no identity and would still be refused.`;
      return [finding("warning", "caller-not-enrolled", field, message, enrol(namespace))];
    }
    if (!form.allowed) {
      return [];
    }
    if (!inventory.namespaces.some(({ name }) => name === namespace)) {
      return [
        finding("error", "unknown-caller", field, `There is no namespace ${namespace}. Choose a caller from the list.`),
      ];
    }
    const exists = inventory.serviceAccounts.some((one) => one.namespace === namespace && one.name === serviceAccount);
    return exists
      ? [finding("info", "no-pods", field, `No pod runs as ${namespace}/${serviceAccount} now.`)]
      : [
          finding(
            "error",
            "unknown-caller",
            field,
            `There is no identity ${serviceAccount} in namespace ${namespace}. Choose a caller from the list.`,
          ),
        ];
  });
}

const enrol = (namespace: string): { path: NonNullable<ReturnType<typeof finding>["path"]> } => ({
  path: {
    slug: "join-the-mesh",
    title: `Enrol ${namespace}`,
    reason: "Identity is proven inside the mesh only",
    values: { namespaces: [namespace], enrolled: true },
  },
});

function remainingCallers(form: LetACallerInForm, context: PathContext): number {
  const { changes } = letACallerIn.plan(form, context);
  const prefix = `let-a-caller-in/${form.service.namespace}/${form.service.name}/`;
  const gone = new Set(changes.filter(({ after }) => after === undefined).map(({ key }) => key));
  return [...context.current.keys()].filter((key) => key.startsWith(prefix) && !gone.has(key)).length;
}

/** No ALLOW policy acts on the service yet: until now everybody could call it. */
function isFirstRule(form: LetACallerInForm, { inventory }: PathContext): boolean {
  const service = findService(inventory, form.service);
  if (service === undefined) {
    return false;
  }
  return !findPolicies(inventory)
    .ofService(service)
    .some((policy) => (policy.spec?.action ?? "ALLOW") === "ALLOW" && (!isWide(policy) || deniesAll(policy)));
}

/** What resources name and what is not there. Pure. */
import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { at, type Check, type Located, nameOf, namespaceOf } from "./check.ts";
import { routesOf } from "./routes.ts";

/** A resource, what it is attached to, and what becomes of it where that is not there. */
interface Referring {
  readonly kind: string;
  readonly object: Located;
  readonly names: readonly { readonly kind: string; readonly namespace: string; readonly name: string }[];
  readonly effect: string;
}

interface Target {
  readonly kind: string;
  readonly name: string;
}

const attached = (kind: string, object: Located, targets: readonly Target[], effect: string): Referring => ({
  kind,
  object,
  names: targets.map(({ kind: target, name }) => ({ kind: target, namespace: namespaceOf(object), name })),
  effect,
});

const bothRefs = (
  spec: { readonly targetRef?: Target | undefined; readonly targetRefs?: readonly Target[] | undefined } = {},
) => [...(spec.targetRefs ?? []), ...(spec.targetRef === undefined ? [] : [spec.targetRef])];

/** Everything that names a Service, a Gateway or a ServiceEntry to be attached to. */
function referring(inventory: Inventory): Referring[] {
  const { requestAuthentications, rateLimitPolicies, telemetries = [] } = inventory.objects;
  return [
    ...routesOf(inventory).map(
      ({ kind, object, parents }): Referring => ({ kind, object, names: parents, effect: "Nobody reads it" }),
    ),
    ...inventory.authorizationPolicies.map((policy) =>
      attached("AuthorizationPolicy", policy as Located, targetRefsOf(policy), "Nobody enforces it there"),
    ),
    ...requestAuthentications.map((rule) =>
      attached("RequestAuthentication", rule, bothRefs(rule.spec), "Nobody reads tokens for it"),
    ),
    ...rateLimitPolicies.map((rule) =>
      attached("RateLimitPolicy", rule, rule.spec?.targetRefs ?? [], "Nothing is limited there"),
    ),
    ...telemetries.map((one) => attached("Telemetry", one, bothRefs(one.spec), "Nothing is told of it")),
  ];
}

const words: Readonly<Record<string, string>> = {
  Service: "service",
  Gateway: "gateway",
  ServiceEntry: "destination (ServiceEntry)",
};

/** Most kinds get no status for it, and those that do only a condition that nobody looks at. */
export const references: Check = ({ inventory }) => {
  const { services, gateways, serviceEntries } = inventory.objects;
  const ids = (objects: readonly Located[]): ReadonlySet<string> =>
    new Set(objects.map((one) => `${namespaceOf(one)}/${nameOf(one)}`));
  const there: Readonly<Record<string, ReadonlySet<string>>> = {
    Service: ids(services),
    Gateway: ids(gateways),
    ServiceEntry: ids(serviceEntries),
  };
  return referring(inventory).flatMap(({ kind, object, names, effect }) =>
    names
      .map((ref) => ({ ...ref, id: `${ref.namespace}/${ref.name}` }))
      .filter((ref) => there[ref.kind]?.has(ref.id) === false)
      .map((ref) =>
        at(
          kind,
          object,
          "reference-dangling",
          `It is attached to the ${words[ref.kind]} ${ref.id}, which does not exist. ${effect}. Correct the name, or take it away.`,
          ref.kind === "Service" ? { services: [ref.id] } : {},
        ),
      ),
  );
};

/** AuthorizationPolicies that are accepted and never match, or match something else. Pure. */
import { httpAttributes } from "@/mesh-runtime/policy/http-attributes.ts";
import { type AuthorizationPolicyResource, selectsWorkload, targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import { authorizersOf } from "@/server/golden-paths/ask-an-authorizer/mesh-config.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { at, type Check, type Found, giveAWaypoint, idOf, serviceOfHost } from "./check.ts";

const namespaceOf = ({ metadata }: AuthorizationPolicyResource): string => metadata.namespace ?? "default";

/** Services whose pods the policy selects, or that it targets. */
function servicesOf(policy: AuthorizationPolicyResource, { services }: Inventory): string[] {
  const targets = targetRefsOf(policy);
  return services
    .filter((service) =>
      targets.length > 0
        ? service.namespace === namespaceOf(policy) &&
          targets.some(({ kind, name }) => kind === "Service" && name === service.name)
        : service.pods.some((pod) => selectsWorkload(policy, pod)),
    )
    .map(idOf);
}

const eachPolicy = (
  inventory: Inventory,
  check: (policy: AuthorizationPolicyResource, services: readonly string[]) => readonly (Found | undefined)[],
): Found[] =>
  inventory.authorizationPolicies.flatMap((policy) =>
    check(policy, servicesOf(policy, inventory)).filter((one) => one !== undefined),
  );

const atPolicy = (
  policy: AuthorizationPolicyResource,
  services: readonly string[],
  code: Parameters<typeof at>[2],
  message: string,
  more: Pick<Parameters<typeof at>[4] & object, "path"> = {},
): Found => at("AuthorizationPolicy", policy as Parameters<typeof at>[1], code, message, { services, ...more });

const operationsOf = ({ spec }: AuthorizationPolicyResource) =>
  (spec?.rules ?? []).flatMap(({ to }) =>
    (to ?? []).flatMap(({ operation }) => (operation === undefined ? [] : [operation])),
  );
const sourcesOf = ({ spec }: AuthorizationPolicyResource) =>
  (spec?.rules ?? []).flatMap(({ from }) =>
    (from ?? []).flatMap(({ source }) => (source === undefined ? [] : [source])),
  );

/** Methods are case-sensitive. */
export const methods: Check = ({ inventory }) =>
  eachPolicy(inventory, (policy, services) => {
    const wrong = operationsOf(policy)
      .flatMap((one) => [...(one.methods ?? []), ...(one.notMethods ?? [])])
      .filter((method) => /[a-z]/.test(method));
    return wrong.length === 0
      ? []
      : [
          atPolicy(
            policy,
            services,
            "value-never-matches",
            `The method ${wrong.join(", ")} never occurs: methods are in capital letters. Write ${wrong.map((one) => one.toUpperCase()).join(", ")}.`,
          ),
        ];
  });

/** A path that begins with neither a slash nor a star. */
export const paths: Check = ({ inventory }) =>
  eachPolicy(inventory, (policy, services) => {
    const wrong = operationsOf(policy)
      .flatMap((one) => [...(one.paths ?? []), ...(one.notPaths ?? [])])
      .filter((path) => !/^[/*{]/.test(path));
    return wrong.length === 0
      ? []
      : [
          atPolicy(
            policy,
            services,
            "value-never-matches",
            `The path ${wrong.join(", ")} never occurs: a path begins with a slash. Write /${wrong[0] ?? ""}.`,
          ),
        ];
  });

/** The scheme is put in front by itself. */
export const principals: Check = ({ inventory }) =>
  eachPolicy(inventory, (policy, services) => {
    const wrong = [
      ...sourcesOf(policy).flatMap((one) => [...(one.principals ?? []), ...(one.notPrincipals ?? [])]),
      ...(policy.spec?.rules ?? [])
        .flatMap(({ when }) => when ?? [])
        .filter(({ key }) => key === "source.principal")
        .flatMap(({ values, notValues }) => [...(values ?? []), ...(notValues ?? [])]),
    ].filter((one) => one.startsWith("spiffe://"));
    return wrong.length === 0
      ? []
      : [
          atPolicy(
            policy,
            services,
            "value-never-matches",
            `No caller is called ${wrong[0] ?? ""}: identities are written without spiffe:// in front. Take it away.`,
          ),
        ];
  });

/** Agents know the ports of pods, not of services. */
export const servicePorts: Check = ({ inventory }) =>
  eachPolicy(inventory, (policy, services) => {
    if (targetRefsOf(policy).length > 0) {
      return [];
    }
    const named = operationsOf(policy).flatMap(({ ports }) => ports ?? []);
    return inventory.services
      .filter((service) => services.includes(idOf(service)))
      .flatMap(({ name, ports }) =>
        ports
          .filter(({ port, targetPort }) => port !== targetPort && targetPort !== 0 && named.includes(String(port)))
          .filter(({ port }) => !ports.some((other) => other.targetPort === port))
          .map(({ port, targetPort }) =>
            atPolicy(
              policy,
              services,
              "port-not-open",
              `Port ${port} is that of the service ${name}. A rule with a selector is read at the pods, which listen on ${targetPort}. Write ${targetPort}.`,
            ),
          ),
      );
  });

/** Methods, paths, headers and tokens at pods: agents read none of them. */
export const httpAtPods: Check = ({ inventory, target }) =>
  eachPolicy(inventory, (policy, services) => {
    const action = policy.spec?.action ?? "ALLOW";
    const found = [...new Set((policy.spec?.rules ?? []).flatMap(httpAttributes))];
    const wide = targetRefsOf(policy).length > 0;
    if (wide || found.length === 0 || (action !== "ALLOW" && action !== "DENY")) {
      return [];
    }
    // At the gateways of its namespace such a rule works.
    const gatewaysOnly =
      services.length > 0 &&
      inventory.services.filter((one) => services.includes(idOf(one))).every(({ kind }) => kind === "gateway");
    if (gatewaysOnly) {
      return [];
    }
    const effect =
      action === "ALLOW"
        ? "Its rules about requests let nobody in"
        : target === "kubernetes"
          ? "It refuses nothing: it fails open"
          : "It refuses by what is left of it, whatever the request";
    return [
      atPolicy(
        policy,
        services,
        "policy-ignored",
        `It asks for ${found.slice(0, 4).join(", ")}, which only a waypoint can read, and selects pods. ${effect}. Target the service instead of its pods.`,
        { path: giveAWaypoint(namespaceOf(policy)) },
      ),
    ];
  });

/** A rule for a service whose calls pass no waypoint. */
export const targetWithoutWaypoint: Check = ({ inventory }) =>
  eachPolicy(inventory, (policy, services) =>
    inventory.services
      .filter(
        (service) =>
          targetRefsOf(policy).length > 0 && services.includes(idOf(service)) && service.waypoint === undefined,
      )
      .map((service) =>
        atPolicy(
          policy,
          [idOf(service)],
          "waypoint-missing",
          `Calls to ${service.name} pass no waypoint, so that nobody enforces this rule.`,
          { path: giveAWaypoint(service.namespace) },
        ),
      ),
  );

/** CUSTOM with a provider that MeshConfig does not have, or whose Service is gone: what it matches is refused. */
export const authorizers: Check = ({ inventory }) => {
  const known = new Map(authorizersOf(inventory).map((one) => [one.name, one]));
  return eachPolicy(inventory, (policy, services) => {
    const name = policy.spec?.provider?.name ?? "";
    if (policy.spec?.action !== "CUSTOM") {
      return [];
    }
    const authorizer = known.get(name);
    if (authorizer === undefined) {
      return [
        atPolicy(
          policy,
          services,
          "authorizer-missing",
          `It asks ${name || "nobody"}, whom the mesh does not know. Every request that it is about is refused, though its status says that it is accepted. Enter the authorizer in the mesh's configuration.`,
        ),
      ];
    }
    const host = authorizer.service.split("/").at(-1) ?? "";
    const isOurs = host.endsWith(".svc.cluster.local") || !host.includes(".");
    return isOurs && serviceOfHost(inventory, host, "istio-system") === undefined
      ? [
          atPolicy(
            policy,
            services,
            "authorizer-missing",
            `It asks ${name} at ${host}, which does not exist. Every request that it is about is refused. Start the authorizer, or take the rule away.`,
          ),
        ]
      : [];
  });
};

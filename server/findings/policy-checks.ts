/** AuthorizationPolicies that are accepted and never match, or match something else. Pure. */
import { httpAttributes } from "@/mesh-runtime/policy/http-attributes.ts";
import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import { type Check, giveAWaypoint } from "./check.ts";
import { atPolicy, eachPolicy, namespaceOfPolicy, operationsOf, sourcesOf } from "./each-policy.ts";

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
    const gatewaysOnly = services.length > 0 && services.every(({ kind }) => kind === "gateway");
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
        { path: giveAWaypoint(namespaceOfPolicy(policy)) },
      ),
    ];
  });

/** A rule for a service whose calls pass no waypoint. */
export const targetWithoutWaypoint: Check = ({ inventory }) =>
  eachPolicy(inventory, (policy, services) =>
    (targetRefsOf(policy).length === 0 ? [] : services)
      .filter((service) => service.waypoint === undefined)
      .map((service) =>
        atPolicy(
          policy,
          [service],
          "waypoint-missing",
          `Calls to ${service.name} pass no waypoint, so that nobody enforces this rule.`,
          { path: giveAWaypoint(service.namespace) },
        ),
      ),
  );

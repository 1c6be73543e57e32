/** What a rule asks of the attribute that decided, and what came instead. Pure. */
import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import type { ConditionFields, OperationFields, RuleFields, SourceFields } from "@/mesh-runtime/policy/resource.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";

export interface Expectation {
  /** Name of the header or claim that decided; empty for other attributes. */
  readonly attributeName: string;
  /** What the rule (or, when none came close, any rule) names, in the words of the policy; "not …" for its exceptions. */
  readonly expected: readonly string[];
}

const operationField = {
  "request.method": ["methods", "notMethods"],
  "request.path": ["paths", "notPaths"],
  "request.host": ["hosts", "notHosts"],
  "destination.port": ["ports", "notPorts"],
} as const satisfies Record<string, readonly [keyof OperationFields, keyof OperationFields]>;

const sourceFields = [
  ["serviceAccounts", "notServiceAccounts"],
  ["principals", "notPrincipals"],
  ["namespaces", "notNamespaces"],
  ["ipBlocks", "notIpBlocks"],
] as const satisfies readonly (readonly [keyof SourceFields, keyof SourceFields])[];

/** Keys of `when` that speak of an attribute; a header and a claim have names of their own. */
const conditionKeys: Readonly<Record<string, RegExp>> = {
  "request.header": /^request\.headers\[([^\]]+)\]$/,
  "request.auth.claims": /^request\.auth\.claims((?:\[[^\]]+\])+)$/,
  "request.auth.principal": /^request\.auth\.(principal)$/,
  "request.auth.audiences": /^request\.auth\.(audiences)$/,
  "request.auth.presenter": /^request\.auth\.(presenter)$/,
  "remote.ip": /^remote\.(ip)$/,
  "source.ip": /^source\.(ip)$/,
  "source.namespace": /^source\.(namespace)$/,
  "source.principal": /^source\.(principal)$/,
  "source.serviceAccount": /^source\.(serviceAccount)$/,
  "destination.port": /^destination\.(port)$/,
  "destination.ip": /^destination\.(ip)$/,
  "connection.sni": /^connection\.(sni)$/,
};

const named = new Set(["request.header", "request.auth.claims"]);
const negated = (values: readonly string[] | undefined): string[] => (values ?? []).map((value) => `not ${value}`);

export function expectationOf(
  policy: AuthorizationPolicyResource,
  { attribute, rule }: Pick<DenialIdentity, "attribute" | "rule">,
): Expectation {
  const rules = policy.spec?.rules ?? [];
  const chosen = rules[rule] === undefined ? rules : [rules[rule]];
  const conditions = chosen.flatMap(({ when }) => conditionsOn(attribute, when ?? []));
  const names = named.has(attribute) ? [...new Set(conditions.map(({ name }) => name))] : [];
  const expected = [
    ...chosen.flatMap((entry) => plainValues(entry, attribute, policy.metadata.namespace ?? "")),
    ...conditions.flatMap(({ name, condition }) =>
      conditionWords(condition).map((words) => (names.length > 1 ? `${name}: ${words}` : words)),
    ),
  ];
  return { attributeName: names.join(", "), expected: [...new Set(expected)] };
}

function conditionsOn(
  attribute: string,
  when: readonly ConditionFields[],
): { readonly name: string; readonly condition: ConditionFields }[] {
  const key = conditionKeys[attribute];
  return when.flatMap((condition) => {
    const found = key?.exec(condition.key)?.[1];
    return found === undefined ? [] : [{ name: found.replaceAll("][", ".").replace(/^\[|\]$/g, ""), condition }];
  });
}

/** `*` is presence: any value will do, or none may be there. */
const conditionWords = ({ values = [], notValues = [] }: ConditionFields): string[] => [
  ...values.map((value) => (value === "*" ? "any value" : value)),
  ...notValues.map((value) => (value === "*" ? "absent" : `not ${value}`)),
];

function plainValues({ from, to }: RuleFields, attribute: string, namespace: string): string[] {
  if (attribute.startsWith("source.")) {
    const qualified = (account: string): string => (account.includes("/") ? account : `${namespace}/${account}`);
    return (from ?? []).flatMap(({ source }) =>
      sourceFields.flatMap(([field, not]) => {
        const values = field === "serviceAccounts" ? source?.[field]?.map(qualified) : source?.[field];
        return [...(values ?? []), ...negated(source?.[not])];
      }),
    );
  }
  if (attribute === "remote.ip") {
    return (from ?? []).flatMap(({ source }) => [
      ...(source?.remoteIpBlocks ?? []),
      ...negated(source?.notRemoteIpBlocks),
    ]);
  }
  if (attribute === "request.auth.principal") {
    return (from ?? []).flatMap(({ source }) => [
      ...(source?.requestPrincipals ?? []),
      ...negated(source?.notRequestPrincipals),
    ]);
  }
  const fields = attribute in operationField ? operationField[attribute as keyof typeof operationField] : undefined;
  return fields === undefined
    ? []
    : (to ?? []).flatMap(({ operation }) => [...(operation?.[fields[0]] ?? []), ...negated(operation?.[fields[1]])]);
}

/** What came; empty where telemetry does not carry it, as with values of headers and claims. */
export function wasValue(
  { attribute, destinationPort, method, path, host, labels }: DenialIdentity,
  principal: string,
): string {
  switch (attribute) {
    case "destination.port":
      return String(destinationPort);
    case "request.method":
      return method;
    case "request.path":
      return path;
    case "request.host":
      return host;
    case "source.namespace":
      return labels.source_workload_namespace;
    default:
      return attribute.startsWith("source.") || attribute === "none"
        ? principal === ""
          ? "no identity"
          : principal
        : "";
  }
}

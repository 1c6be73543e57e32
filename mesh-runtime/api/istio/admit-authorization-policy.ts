/** What istiod's webhook `validation.istio.io` says of an AuthorizationPolicy. */
import type { AuthorizationPolicy, AuthorizationRule } from "../authorizationpolicy.ts";
import type { AdmissionVerdict } from "../kind.ts";
import {
  badAttribute,
  badNetworks,
  badPaths,
  badPorts,
  badServiceAccounts,
  type Complaint,
  emptyValues,
} from "./authorization-attributes.ts";

type Spec = NonNullable<AuthorizationPolicy["spec"]>;

const targetKinds = new Set([
  "/Service",
  "core/Service",
  "networking.istio.io/ServiceEntry",
  "gateway.networking.k8s.io/Gateway",
  "gateway.networking.k8s.io/GatewayClass",
]);
const targetKindsText =
  "[core/v1/Service networking.istio.io/v1/ServiceEntry gateway.networking.k8s.io/v1/Gateway gateway.networking.k8s.io/v1/GatewayClass]";
const httpWarning =
  "configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port";

export function admitAuthorizationPolicy(policy: AuthorizationPolicy): AdmissionVerdict {
  const spec = policy.spec ?? {};
  const complaints = [
    ...targets(spec),
    ...action(spec),
    ...(spec.rules ?? []).flatMap((rule, i) => [...from(rule, i), ...to(rule, i), ...when(rule)]),
  ];
  const warnings = deniesAllTcp(spec) ? [httpWarning] : [];
  if (complaints.length === 0) {
    return { warnings };
  }
  const name = `${policy.metadata.name ?? ""}.${policy.metadata.namespace ?? ""}`;
  return { warnings, refusal: `configuration is invalid: ${listed(complaints, `invalid policy ${name}:`)}` };
}

/** Go's multierror: one plain complaint stands alone, more (or nested ones) are a list. */
function listed(complaints: readonly Complaint[], prefix: string): string {
  const [first] = complaints;
  if (first !== undefined && complaints.length === 1 && !first.nested) {
    return `${prefix} ${first.text}`;
  }
  const lines = complaints.map((complaint) => `\t* ${prefix} ${complaint.text}`).join("\n");
  return `${complaints.length} error${complaints.length === 1 ? "" : "s"} occurred:\n${lines}\n\n`;
}

function targets(spec: Spec): Complaint[] {
  return [...(spec.targetRef ? [spec.targetRef] : []), ...(spec.targetRefs ?? [])].flatMap((target) => {
    const group = target.group ?? "";
    return targetKinds.has(`${group}/${target.kind}`)
      ? []
      : [{ text: `targetRef must be to one of ${targetKindsText} but was ${group || "core"}/${target.kind}` }];
  });
}

function action(spec: Spec): Complaint[] {
  const complaints: Complaint[] = [];
  const none = (spec.rules ?? []).length === 0;
  const meaningless = (name: string) => ({
    text: `${name} action without \`rules\` is meaningless as it will never be triggered, add an empty rule \`{}\` if you want it be triggered for every request`,
  });
  if (spec.action === "CUSTOM") {
    if (none) {
      complaints.push(meaningless("CUSTOM"));
    }
    if (!spec.provider?.name) {
      complaints.push({ text: "`provider.name` must not be empty" });
    }
    complaints.push(...unsupportedWithCustom(spec.rules ?? []));
  } else if (spec.provider !== undefined) {
    complaints.push({ text: `\`provider\` must not be with non CUSTOM action, found ${spec.action ?? "ALLOW"}` });
  }
  if (spec.action === "DENY" && none) {
    complaints.push(meaningless("DENY"));
  }
  return complaints;
}

const customSourceFields = {
  namespaces: "From.Namespaces",
  notNamespaces: "From.NotNamespaces",
  principals: "From.Principals",
  notPrincipals: "From.NotPrincipals",
  requestPrincipals: "From.RequestPrincipals",
  notRequestPrincipals: "From.NotRequestPrincipals",
} as const;

function unsupportedWithCustom(rules: readonly AuthorizationRule[]): Complaint[] {
  return rules.flatMap((rule) =>
    (rule.from ?? []).flatMap(({ source }) =>
      Object.entries(customSourceFields).flatMap(([field, name]) =>
        (source?.[field as keyof typeof customSourceFields]?.length ?? 0) > 0
          ? [{ text: `${name} is currently not supported with CUSTOM action` }]
          : [],
      ),
    ),
  );
}

const isEmpty = (fields: object) => Object.values(fields).every((list) => !Array.isArray(list) || list.length === 0);

function from(rule: AuthorizationRule, index: number): Complaint[] {
  return (rule.from ?? []).flatMap(({ source }): Complaint[] => {
    if (source === undefined) {
      return [{ text: `\`from.source\` must not be nil, found at rule ${index}` }];
    }
    if (isEmpty(source)) {
      return [{ text: `\`from.source\` must not be empty, found at rule ${index}` }];
    }
    return [
      ...badNetworks(source.ipBlocks),
      ...badNetworks(source.notIpBlocks),
      ...badNetworks(source.remoteIpBlocks),
      ...badNetworks(source.notRemoteIpBlocks),
      ...emptyValues("Principals", source.principals),
      ...emptyValues("NotPrincipals", source.notPrincipals),
      ...emptyValues("RequestPrincipals", source.requestPrincipals),
      ...emptyValues("NotRequestPrincipals", source.notRequestPrincipals),
      ...emptyValues("Namespaces", source.namespaces),
      ...emptyValues("NotNamespaces", source.notNamespaces),
      ...emptyValues("ServiceAccounts", source.serviceAccounts),
      ...emptyValues("NotServiceAccounts", source.notServiceAccounts),
      ...badServiceAccounts("ServiceAccounts", source.serviceAccounts),
      ...badServiceAccounts("NotServiceAccounts", source.notServiceAccounts),
    ];
  });
}

function to(rule: AuthorizationRule, index: number): Complaint[] {
  return (rule.to ?? []).flatMap(({ operation }): Complaint[] => {
    if (operation === undefined) {
      return [{ text: `\`to.operation\` must not be nil, found at rule ${index}` }];
    }
    if (isEmpty(operation)) {
      return [{ text: `\`to.operation\` must not be empty, found at rule ${index}` }];
    }
    return [
      ...badPorts(operation.ports),
      ...badPorts(operation.notPorts),
      ...emptyValues("Ports", operation.ports),
      ...emptyValues("NotPorts", operation.notPorts),
      ...emptyValues("Hosts", operation.hosts),
      ...emptyValues("NotHosts", operation.notHosts),
      ...emptyValues("Methods", operation.methods),
      ...emptyValues("NotMethods", operation.notMethods),
      ...emptyValues("Paths", operation.paths),
      ...emptyValues("NotPaths", operation.notPaths),
      ...badPaths("Paths", operation.paths),
      ...badPaths("NotPaths", operation.notPaths),
    ];
  });
}

function when(rule: AuthorizationRule): Complaint[] {
  return (rule.when ?? []).flatMap(({ key, values = [], notValues = [] }): Complaint[] => {
    if (key === "") {
      return [{ text: "`key` must not be empty" }];
    }
    if (values.length === 0 && notValues.length === 0) {
      return [{ text: `at least one of \`values\` or \`notValues\` must be set for key ${key}` }];
    }
    return [
      ...badAttribute(key, values).map((text) => ({ text: `invalid \`value\` for \`key\` ${key}: ${text}` })),
      ...badAttribute(key, notValues).map((text) => ({ text: `invalid \`notValue\` for \`key\` ${key}: ${text}` })),
    ];
  });
}

/** A DENY rule that names only what HTTP has matches every TCP connection at layer 4. */
function deniesAllTcp(spec: Spec): boolean {
  return spec.action === "DENY" && (spec.rules ?? []).some((rule) => namesHttp(rule) && !namesPort(rule));
}

function namesHttp(rule: AuthorizationRule): boolean {
  const filled = (list: readonly string[] | undefined) => (list?.length ?? 0) > 0;
  return (
    (rule.from ?? []).some(({ source }) => filled(source?.requestPrincipals) || filled(source?.notRequestPrincipals)) ||
    (rule.to ?? []).some(({ operation: o }) =>
      [o?.hosts, o?.notHosts, o?.methods, o?.notMethods, o?.paths, o?.notPaths].some(filled),
    ) ||
    (rule.when ?? []).some(({ key }) => key.startsWith("request."))
  );
}

function namesPort(rule: AuthorizationRule): boolean {
  return (
    (rule.to ?? []).some(({ operation: o }) => (o?.ports?.length ?? 0) > 0 || (o?.notPorts?.length ?? 0) > 0) ||
    (rule.when ?? []).some(({ key }) => key === "destination.port")
  );
}

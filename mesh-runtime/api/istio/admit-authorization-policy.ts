/** What istiod's webhook `validation.istio.io` says of an AuthorizationPolicy. */
import type { AuthorizationPolicy, AuthorizationRule } from "../authorizationpolicy.ts";
import type { AdmissionVerdict } from "../kind.ts";
import { admitSelection } from "./admit-selection.ts";
import {
  badAttribute,
  badNetworks,
  badPaths,
  badPorts,
  badServiceAccounts,
  emptyValues,
} from "./authorization-attributes.ts";
import { type Complaint, Report } from "./report.ts";

type Spec = NonNullable<AuthorizationPolicy["spec"]>;

const httpWarning =
  "configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port";

export function admitAuthorizationPolicy(policy: AuthorizationPolicy): AdmissionVerdict {
  const spec = policy.spec ?? {};
  const report = new Report();
  admitSelection(spec, report);
  report.complaints.push(
    ...action(spec),
    ...(spec.rules ?? []).flatMap((rule, i) => [...from(rule, i), ...to(rule, i), ...when(rule)]),
  );
  if (deniesAllTcp(spec)) {
    report.warn(httpWarning);
  }
  return report.verdict(`invalid policy ${policy.metadata.name ?? ""}.${policy.metadata.namespace ?? ""}: `);
}

const meaningless = (name: string): Complaint => ({
  text: `${name} action without \`rules\` is meaningless as it will never be triggered, add an empty rule \`{}\` if you want it be triggered for every request`,
});

function action(spec: Spec): Complaint[] {
  const none = (spec.rules ?? []).length === 0;
  const complaints: Complaint[] = [];
  if (spec.action === "CUSTOM") {
    if (none) {
      complaints.push(meaningless("CUSTOM"));
    } else if (!spec.provider?.name) {
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

/** Fields that are known only after the external authorizer was asked, or not to it. */
const customSourceFields = {
  namespaces: "From.Namespaces",
  notNamespaces: "From.NotNamespaces",
  serviceAccounts: "From.ServiceAccounts",
  notServiceAccounts: "From.NotServiceAccounts",
  principals: "From.Principals",
  notPrincipals: "From.NotPrincipals",
  requestPrincipals: "From.RequestPrincipals",
  notRequestPrincipals: "From.NotRequestPrincipals",
} as const;
const customKeys = new Set(["source.namespace", "source.serviceAccount", "source.principal"]);

function unsupportedWithCustom(rules: readonly AuthorizationRule[]): Complaint[] {
  const names = rules.flatMap((rule) => [
    ...(rule.from ?? []).flatMap(({ source }) =>
      Object.entries(customSourceFields).flatMap(([field, name]) =>
        (source?.[field as keyof typeof customSourceFields]?.length ?? 0) > 0 ? [name] : [],
      ),
    ),
    ...(rule.when ?? []).flatMap(({ key }) => (customKeys.has(key) || key.startsWith("request.auth.") ? [key] : [])),
  ]);
  return names.map((name) => ({ text: `${name} is currently not supported with CUSTOM action` }));
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
      ...emptyValues("IpBlocks", source.ipBlocks),
      ...emptyValues("NotIpBlocks", source.notIpBlocks),
      ...emptyValues("RemoteIpBlocks", source.remoteIpBlocks),
      ...emptyValues("NotRemoteIpBlocks", source.notRemoteIpBlocks),
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

/**
 * A DENY rule that names only what HTTP has matches every TCP connection at layer 4. Istio looks at `from` and `to`;
 * conditions on requests do the same.
 */
function deniesAllTcp(spec: Spec): boolean {
  return spec.action === "DENY" && (spec.rules ?? []).some(matchesAllTcp);
}

const filled = (list: readonly string[] | undefined) => (list?.length ?? 0) > 0;

function matchesAllTcp(rule: AuthorizationRule): boolean {
  const ofHttp = (rule.when ?? []).some(({ key }) => key.startsWith("request."));
  const ofPort = (rule.when ?? []).some(({ key }) => key === "destination.port");
  if ((rule.to ?? []).some(({ operation }) => operation !== undefined)) {
    return !ofPort && !(rule.to ?? []).some(({ operation: o }) => filled(o?.ports) || filled(o?.notPorts));
  }
  const sources = (rule.from ?? []).flatMap(({ source }) => (source === undefined ? [] : [source]));
  if (sources.length > 0) {
    return !sources.some(({ requestPrincipals, notRequestPrincipals, ...ofTcp }) => Object.values(ofTcp).some(filled));
  }
  return ofHttp && !ofPort;
}

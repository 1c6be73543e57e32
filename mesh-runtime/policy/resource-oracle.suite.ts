/**
 * A plain reading of AuthorizationPolicy resources for tests, from their texts to a verdict, without anything of the
 * engine: what Istio's reference says of values, fields and actions, and what this engine says it does otherwise.
 */
import type { RequestAttributes } from "./request-attributes.ts";
import type {
  AuthorizationPolicyResource,
  ConditionFields,
  OperationFields,
  RuleFields,
  SourceFields,
} from "./resource.ts";

type Request = Omit<RequestAttributes, "connection">;
type Layer = "http" | "l4";

/** What all policies together say of a request at a waypoint, or of its connection at the pod. */
export function readPolicies(policies: readonly AuthorizationPolicyResource[], at: Request) {
  const live = policies.filter((policy) => !isDryRun(policy));
  const http = (those: readonly AuthorizationPolicyResource[]) => verdict(those, at, "http");
  return {
    allowed: http(live),
    shadow: policies.some((policy) => isDryRun(policy) && isVerdict(policy, "http"))
      ? http(policies.filter(isDryRun))
      : undefined,
    audit: live.filter((policy) => policy.spec?.action === "AUDIT" && matches(policy, at, "http")).map(keyOf),
    connection: verdict(live, at, "l4"),
  };
}

const isDryRun = ({ metadata }: AuthorizationPolicyResource): boolean =>
  metadata.annotations?.["istio.io/dry-run"] === "true";
const actionOf = ({ spec }: AuthorizationPolicyResource): string => spec?.action ?? "ALLOW";
const keyOf = ({ metadata }: AuthorizationPolicyResource): string => `${metadata.namespace}/${metadata.name}`;

/** An authorizer that nobody configured denies what it would be asked about, where requests are read. */
const denies = (policy: AuthorizationPolicyResource, layer: Layer): boolean =>
  actionOf(policy) === "DENY" || (actionOf(policy) === "CUSTOM" && layer === "http" && !isDryRun(policy));
const isVerdict = (policy: AuthorizationPolicyResource, layer: Layer): boolean =>
  denies(policy, layer) || actionOf(policy) === "ALLOW";

function verdict(policies: readonly AuthorizationPolicyResource[], at: Request, layer: Layer): boolean {
  const allows = policies.filter((policy) => actionOf(policy) === "ALLOW");
  return (
    !policies.some((policy) => denies(policy, layer) && matches(policy, at, layer)) &&
    (allows.length === 0 || allows.some((policy) => matches(policy, at, layer)))
  );
}

const matches = (policy: AuthorizationPolicyResource, at: Request, layer: Layer): boolean =>
  (policy.spec?.rules ?? []).some((rule) => new RuleReading(policy, at, layer).holds(rule));

/** A field and its negation, what its values are compared with, and which of them can be read. */
type Field = readonly [
  values: readonly string[] | undefined,
  notValues: readonly string[] | undefined,
  is: (text: string) => boolean,
  readable?: (text: string) => boolean,
];

class RuleReading {
  readonly #allow: boolean;
  readonly #namespace: string;
  readonly #at: Request;
  readonly #layer: Layer;
  /** An ALLOW rule with a value that cannot be read, or that asks a pod about requests, is lost whole. */
  #lost = false;

  constructor(policy: AuthorizationPolicyResource, at: Request, layer: Layer) {
    this.#allow = actionOf(policy) === "ALLOW";
    this.#namespace = policy.metadata.namespace ?? "default";
    this.#at = at;
    this.#layer = layer;
  }

  holds({ from = [], to = [], when = [] }: RuleFields): boolean {
    // All parts are read, so that what is unreadable anywhere is found.
    const sources = from.map(({ source = {} }) => this.#source(source));
    const operations = to.map(({ operation = {} }) => this.#operation(operation));
    const conditions = when.map((condition) => this.#condition(condition));
    return (
      !this.#lost &&
      (sources.length === 0 || sources.includes(true)) &&
      (operations.length === 0 || operations.includes(true)) &&
      !conditions.includes(false)
    );
  }

  #source(source: SourceFields): boolean {
    const { sourcePrincipal, sourceIp, remoteIp = sourceIp } = this.#at;
    const [, , ns, , sa] = sourcePrincipal?.split("/") ?? [];
    const account = (text: string): boolean =>
      sourcePrincipal !== undefined && (text.includes("/") ? text : `${this.#namespace}/${text}`) === `${ns}/${sa}`;
    return [
      this.#field(source.principals, source.notPrincipals, like(sourcePrincipal)),
      this.#field(source.namespaces, source.notNamespaces, (text) => ns !== undefined && glob(text).test(ns)),
      this.#field(source.serviceAccounts, source.notServiceAccounts, account),
      this.#field(source.ipBlocks, source.notIpBlocks, within(sourceIp), isRange),
      this.#ofRequests(source.remoteIpBlocks, source.notRemoteIpBlocks, within(remoteIp), isRange),
    ].every(Boolean);
  }

  #operation(operation: OperationFields): boolean {
    const { host, method, path, destinationPort } = this.#at;
    const lower = (text: string): boolean => like(host.toLowerCase())(text.toLowerCase());
    return [
      this.#field(operation.ports, operation.notPorts, (text) => Number(text) === destinationPort, isPort),
      this.#ofRequests(operation.hosts, operation.notHosts, lower),
      this.#ofRequests(operation.methods, operation.notMethods, like(method)),
      this.#ofRequests(operation.paths, operation.notPaths, like(path)),
    ].every(Boolean);
  }

  #condition({ key, values, notValues }: ConditionFields): boolean {
    const { sourcePrincipal, sourceIp, destinationPort, header } = this.#at;
    const [, , ns] = sourcePrincipal?.split("/") ?? [];
    switch (key) {
      case "source.principal":
        return this.#field(values, notValues, like(sourcePrincipal));
      case "source.namespace":
        return this.#field(values, notValues, like(ns));
      case "source.ip":
        return this.#field(values, notValues, within(sourceIp), isRange);
      case "destination.port":
        return this.#field(values, notValues, (text) => text === String(destinationPort), isPort);
      default: {
        // Asked for by its key, whatever its values.
        this.#lost ||= this.#allow && this.#layer === "l4";
        const value = header(key.slice("request.headers[".length, -1).toLowerCase());
        return this.#ofRequests(values, notValues, (text) => (text === "*" ? value !== undefined : like(value)(text)));
      }
    }
  }

  /** What only a waypoint can know. A pod passes over it where a DENY asks. */
  #ofRequests(...[values, notValues, is, readable]: Field): boolean {
    const asked = (values?.length ?? 0) + (notValues?.length ?? 0) > 0;
    if (this.#layer === "l4") {
      this.#lost ||= asked && this.#allow;
      return true;
    }
    return this.#field(values, notValues, is, readable);
  }

  /** One of the values if there are any, and none of the others. A field with an unreadable value does not restrict. */
  #field(...[values, notValues, is, readable = () => true]: Field): boolean {
    const read = (texts: readonly string[] = []): readonly string[] => {
      const all = texts.every(readable);
      this.#lost ||= !all && this.#allow;
      return all ? texts : [];
    };
    const [wanted, unwanted] = [read(values), read(notValues)];
    return (wanted.length === 0 || wanted.some(is)) && !unwanted.some(is);
  }
}

const isPort = (text: string): boolean => /^\d+$/.test(text) && Number(text) <= 65_535;
const isRange = (text: string): boolean => /^\d+(\.\d+){3}(\/\d+)?$/.test(text);

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
const glob = (text: string): RegExp => (text === "*" ? /./ : new RegExp(`^${text.split("*").map(quoted).join(".*")}$`));

/** Istio's values: a star alone is presence, at an end it is wild. */
const like =
  (value: string | undefined) =>
  (text: string): boolean => {
    if (value === undefined || text === "*") {
      return value !== undefined && value !== "";
    }
    const [, front, middle = "", back] = /^(\*?)(.*?)(\*?)$/.exec(text) ?? [];
    const both = front !== "" && back !== "";
    return new RegExp(`^${front && ".*"}${quoted(both ? `${middle}*` : middle)}${both ? "" : back && ".*"}$`).test(
      value,
    );
  };

const within = (ip: string) => (text: string) => {
  const bits = (address: string): string =>
    address
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  const [address = "", length = "32"] = text.split("/");
  return bits(ip).startsWith(bits(address).slice(0, Number(length)));
};

import { type Fields, fields, items, type Meta, port, readMeta, text, texts } from "./lenient.ts";

/** A label selector as it stands in an API object; evaluated by `matchesSelector`. */
export interface SelectorInput {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

export interface ListenerInput {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  /** Empty: any. */
  readonly hostname: string;
  readonly allowedFrom: string;
  readonly allowedSelector: SelectorInput | undefined;
  /** Kinds that may attach, `<group>/<kind>`; empty: what the protocol supports. */
  readonly allowedKinds: readonly string[];
  /** Absent when no TLS is asked for. */
  readonly tls: ListenerTlsInput | undefined;
}

export interface ListenerTlsInput {
  readonly mode: string;
  readonly certificates: readonly CertificateRefInput[];
}

export interface CertificateRefInput {
  readonly group: string;
  readonly kind: string;
  /** The Gateway's own when not written. */
  readonly namespace: string;
  readonly name: string;
  /** `<group>/<kind>/<name>.<namespace>` as written, the form of Istio's messages. */
  readonly written: string;
}

/** What the mesh needs to know of a Gateway. */
export interface GatewayInput extends Meta {
  readonly className: string;
  readonly listeners: readonly ListenerInput[];
  /** `<group>/<kind>` of `infrastructure.parametersRef`; empty for none. */
  readonly parameters: string;
  /** The status has addresses: pods were ready once. */
  readonly assigned: boolean;
  /** Annotations for its pods: those of `infrastructure` alone where there are any, else its own. */
  readonly podAnnotations: Readonly<Record<string, string>>;
}

export const gatewayGroup = "gateway.networking.k8s.io";

/** Reads a Gateway. */
export function readGateway(object: unknown): GatewayInput {
  const spec = fields(fields(object)["spec"]);
  const meta = readMeta(object);
  const infrastructure = fields(spec["infrastructure"]);
  const parameters = fields(infrastructure["parametersRef"]);
  return {
    ...meta,
    className: text(spec["gatewayClassName"]),
    listeners: items(spec["listeners"])
      .map(fields)
      .map((listener) => readListener(listener, meta.namespace)),
    parameters: parameters["kind"] === undefined ? "" : `${text(parameters["group"])}/${text(parameters["kind"])}`,
    podAnnotations:
      infrastructure["annotations"] === undefined ? meta.annotations : texts(infrastructure["annotations"]),
    assigned: items(fields(fields(object)["status"])["addresses"]).length > 0,
  };
}

function readListener(listener: Fields, namespace: string): ListenerInput {
  const allowed = fields(listener["allowedRoutes"]);
  const namespaces = fields(allowed["namespaces"]);
  return {
    name: text(listener["name"]),
    port: port(listener["port"]),
    protocol: text(listener["protocol"]),
    hostname: text(listener["hostname"]).toLowerCase(),
    allowedFrom: text(namespaces["from"], "Same"),
    allowedSelector: namespaces["selector"] === undefined ? undefined : readSelector(namespaces["selector"]),
    allowedKinds: items(allowed["kinds"])
      .map(fields)
      .map((entry) => `${text(entry["group"], gatewayGroup)}/${text(entry["kind"])}`),
    tls: listener["tls"] === undefined ? undefined : readTls(fields(listener["tls"]), namespace),
  };
}

const readTls = (tls: Fields, namespace: string): ListenerTlsInput => ({
  mode: text(tls["mode"], "Terminate"),
  certificates: items(tls["certificateRefs"])
    .map(fields)
    .map((entry) => ({
      group: text(entry["group"]),
      kind: text(entry["kind"], "Secret"),
      namespace: text(entry["namespace"], namespace),
      name: text(entry["name"]),
      written: `${text(entry["group"])}/${text(entry["kind"], "Secret")}/${text(entry["name"])}.${text(entry["namespace"])}`,
    })),
});

function readSelector(value: unknown): SelectorInput {
  const selector = fields(value);
  return {
    matchLabels: texts(selector["matchLabels"]),
    matchExpressions: items(selector["matchExpressions"])
      .map(fields)
      .map((expression) => ({
        key: text(expression["key"]),
        operator: text(expression["operator"]),
        values: items(expression["values"]).map((value) => text(value)),
      })),
  };
}

/** Evaluates a label selector (Kubernetes "Labels and Selectors"); an unknown operator matches nothing. */
export function matchesSelector(selector: SelectorInput, labels: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
    selector.matchExpressions.every(({ key, operator, values }) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          return false;
      }
    })
  );
}

import { fields, items, type Meta, port, readMeta, text, texts } from "./lenient.ts";

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
}

/** What the mesh needs to know of a Gateway. */
export interface GatewayInput extends Meta {
  readonly className: string;
  readonly listeners: readonly ListenerInput[];
}

export const gatewayGroup = "gateway.networking.k8s.io";

/** Reads a Gateway. */
export function readGateway(object: unknown): GatewayInput {
  const spec = fields(fields(object)["spec"]);
  return {
    ...readMeta(object),
    className: text(spec["gatewayClassName"]),
    listeners: items(spec["listeners"]).map(fields).map(readListener),
  };
}

function readListener(listener: Readonly<Record<string, unknown>>): ListenerInput {
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
  };
}

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

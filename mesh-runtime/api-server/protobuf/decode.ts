/**
 * Kubernetes' protobuf encoding of built-in kinds (k8s.io/apimachinery `runtime/serializer/protobuf`): kubectl sends it
 * for objects that it makes itself (`create namespace`, `create token`, `auth can-i`) and has no other way. Read only:
 * answers are JSON, which every client accepts too.
 */
import { messages } from "./gen/messages.ts";
import { ProtobufError, readFields, type WireField } from "./wire.ts";

interface Field {
  readonly name: string;
  readonly shape: "one" | "list" | "map" | "embedded";
  readonly type: string;
}

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
const depthMax = 40;
const tables = new Map<string, ReadonlyMap<number, Field>>();

function tableOf(message: string): ReadonlyMap<number, Field> {
  let table = tables.get(message);
  if (table === undefined) {
    const text = Object.hasOwn(messages, message) ? messages[message] : undefined;
    if (text === undefined) {
      throw new ProtobufError(`${message} is not read from protobuf; send JSON`);
    }
    table = new Map(
      text.split("; ").map((entry) => {
        const [number = "", name = "", ...rest] = entry.split(" ");
        const type = rest.pop() ?? "";
        return [Number(number), { name, type, shape: (rest[0] ?? "one") as Field["shape"] }];
      }),
    );
    tables.set(message, table);
  }
  return table;
}

/** Decodes an enveloped object. Throws `ProtobufError`. */
export function decodeProtobuf(bytes: Buffer): object {
  if (!bytes.subarray(0, 4).equals(magic)) {
    throw new ProtobufError("the body does not begin as Kubernetes' protobuf does");
  }
  let type: Record<string, unknown> = {};
  let raw: Buffer = Buffer.alloc(0);
  for (const { number, bytes: value } of readFields(bytes.subarray(4))) {
    if (number === 1 && value !== undefined) {
      type = message("TypeMeta", value, 0);
    } else if (number === 2 && value !== undefined) {
      raw = value;
    } else if (number === 3 && value !== undefined && value.length > 0) {
      throw new ProtobufError("encoded contents are not read");
    }
  }
  const { kind, apiVersion } = type;
  if (typeof kind !== "string" || typeof apiVersion !== "string") {
    throw new ProtobufError("the body names no kind");
  }
  return { apiVersion, kind, ...message(kind, raw, 0) };
}

function message(name: string, bytes: Buffer, depth: number): Record<string, unknown> {
  if (depth > depthMax) {
    throw new ProtobufError(`nested deeper than ${depthMax}`);
  }
  if (name === "TypeMeta") {
    const [apiVersion, kind] = [1, 2].map((wanted) => readFields(bytes).find(({ number }) => number === wanted));
    return { apiVersion: apiVersion?.bytes?.toString("utf8"), kind: kind?.bytes?.toString("utf8") };
  }
  const out: Record<string, unknown> = {};
  const table = tableOf(name);
  for (const wire of readFields(bytes)) {
    const field = table.get(wire.number);
    if (field === undefined) {
      // A newer client's field: as unknown as it would be in JSON, but without a name to warn with.
      continue;
    }
    const at = field.name;
    if (field.shape === "map") {
      const [key, value] = entry(field.type, wire, depth);
      out[at] = { ...(out[at] as object | undefined), [key]: value };
    } else if (field.shape === "list") {
      out[at] = [...((out[at] as unknown[] | undefined) ?? []), decodeValue(field.type, wire, depth)];
    } else if (field.shape === "embedded") {
      Object.assign(out, decodeValue(field.type, wire, depth));
    } else {
      out[at] = decodeValue(field.type, wire, depth);
    }
  }
  return withoutZeros(out, table);
}

/**
 * Numbers and switches that Go keeps as plain values: it writes them even when nobody set them, so zero means absent.
 * All others are pointers, whose zero was meant.
 */
const plain = new Set(
  (
    "generation minReadySeconds paused hostPort stdin stdinOnce tty hostIPC hostNetwork hostPID nodePort readOnly " +
    "publishNotReadyAddresses healthCheckNodePort initialDelaySeconds timeoutSeconds periodSeconds successThreshold " +
    "failureThreshold unschedulable observedGeneration updatedReplicas readyReplicas availableReplicas " +
    "unavailableReplicas restartCount count ready"
  ).split(" "),
);

function withoutZeros(out: Record<string, unknown>, table: ReadonlyMap<number, Field>): Record<string, unknown> {
  for (const { name, type, shape } of table.values()) {
    const value = out[name];
    const isUnset =
      value === "" || ((value === 0 || value === false) && plain.has(name)) || (type === "Time" && value === null);
    if (shape === "one" && isUnset) {
      delete out[name];
    }
  }
  return out;
}

function entry(type: string, wire: WireField, depth: number): [string, unknown] {
  const fields = readFields(required(wire));
  const key = fields.find(({ number }) => number === 1)?.bytes?.toString("utf8") ?? "";
  const value = fields.find(({ number }) => number === 2);
  if (key === "__proto__") {
    throw new ProtobufError('"__proto__" is no key');
  }
  return [key, value === undefined ? "" : decodeValue(type, value, depth)];
}

function required({ bytes }: WireField): Buffer {
  if (bytes === undefined) {
    throw new ProtobufError("a field has another wire type than its message says");
  }
  return bytes;
}

function decodeValue(type: string, wire: WireField, depth: number): unknown {
  switch (type) {
    case "string":
      return required(wire).toString("utf8");
    case "bytes":
      return required(wire).toString("base64");
    case "bool":
      return integer(wire) !== 0;
    case "int":
      return integer(wire);
    case "Time":
    case "MicroTime":
      return time(required(wire));
    case "Quantity":
      return textOf(required(wire), 1);
    case "FieldsV1":
      return fieldsV1(required(wire));
    case "IntOrString": {
      const fields = readFields(required(wire));
      const numberOf = (wanted: number): number =>
        integer(fields.find(({ number }) => number === wanted) ?? { number: wanted });
      return numberOf(1) === 0 ? numberOf(2) : textOf(required(wire), 3);
    }
    case "ExtraValue":
      return readFields(required(wire)).map((field) => required(field).toString("utf8"));
    default:
      return message(type, required(wire), depth + 1);
  }
}

const integer = ({ varint = 0n }: WireField): number => Number(BigInt.asIntN(64, varint));

const textOf = (bytes: Buffer, wanted: number): string =>
  readFields(bytes)
    .find(({ number }) => number === wanted)
    ?.bytes?.toString("utf8") ?? "";

function time(bytes: Buffer): string | null {
  const seconds = readFields(bytes).find(({ number }) => number === 1);
  const value = seconds === undefined ? 0 : integer(seconds);
  // Go's zero time is year 1.
  return value <= 0 || value > 8_640_000_000_000 ? null : new Date(value * 1_000).toISOString().replace(/\.\d+Z$/, "Z");
}

function fieldsV1(bytes: Buffer): unknown {
  try {
    return JSON.parse(textOf(bytes, 1) || "{}");
  } catch {
    throw new ProtobufError("fieldsV1 is no JSON");
  }
}

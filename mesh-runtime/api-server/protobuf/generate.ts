/**
 * Makes `gen/messages.ts` from Kubernetes' .proto files: which number stands for which field. Run it by hand when
 * a kind is added: `node mesh-runtime/api-server/protobuf/generate.ts <file.proto>… > …/gen/messages.ts`
 */
import { readFileSync } from "node:fs";
import process from "node:process";

/** Kinds whose bodies are accepted in protobuf; what they contain follows. */
const roots = [
  "Namespace",
  "ServiceAccount",
  "ConfigMap",
  "Secret",
  "Service",
  "Pod",
  "Node",
  "Event",
  "Deployment",
  "Binding",
  "DeleteOptions",
  "Scale",
  "TokenRequest",
  "TokenReview",
  "SelfSubjectReview",
  "SelfSubjectAccessReview",
  "SelfSubjectRulesReview",
  "SubjectAccessReview",
];

/** Go embeds these: their fields stand beside the others in JSON. */
const embedded = new Set(["volumeSource", "handler", "localObjectReference", "ephemeralContainerCommon"]);

const scalars: Readonly<Record<string, string>> = {
  string: "string",
  bytes: "bytes",
  bool: "bool",
  int32: "int",
  int64: "int",
};

const messages = new Map<string, string[]>();
for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, "utf8").replace(/\/\/.*$/gm, "");
  for (const [, name = "", body = ""] of text.matchAll(/^message (\w+) \{(.*?)^\}/gms)) {
    messages.set(name, fieldsOf(body));
  }
}

function fieldsOf(body: string): string[] {
  const fields: string[] = [];
  for (const match of body.matchAll(/^\s*(?:(optional|repeated) )?(map<string, ([\w.]+)>|[\w.]+) (\w+) = (\d+);/gm)) {
    const [, label, type = "", value, name = "", number = ""] = match;
    const short = (value ?? type).split(".").pop() ?? "";
    const known = scalars[short] ?? short;
    const shape = value !== undefined ? "map " : label === "repeated" ? "list " : embedded.has(name) ? "embedded " : "";
    fields.push(`${number} ${name} ${shape}${known}`);
  }
  return fields;
}

const wanted = new Map<string, string[]>();
function want(name: string): void {
  const fields = messages.get(name);
  if (wanted.has(name) || fields === undefined) {
    return;
  }
  wanted.set(name, fields);
  for (const field of fields) {
    want(field.split(" ").pop() ?? "");
  }
}
roots.forEach(want);
for (const special of ["Time", "MicroTime", "Quantity", "IntOrString", "FieldsV1"]) {
  wanted.delete(special);
}

const lines = [...wanted]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, fields]) => `  ${name}: ${JSON.stringify(fields.join("; "))},`);
process.stdout.write(
  `/** Field numbers of Kubernetes' protobuf messages; made by \`../generate.ts\`. "number name [map|list|embedded] type". */\nexport const messages: Readonly<Record<string, string>> = {\n${lines.join("\n")}\n};\n`,
);

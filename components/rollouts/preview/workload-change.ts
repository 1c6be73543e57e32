/** The Deployment that a release starts, as one of the objects that are written. Pure. */
import type { ResourceChange } from "@/server/contracts/golden-paths.ts";

const field = (yaml: string, name: string): string =>
  new RegExp(`^ {2}${name}: ["']?([^"'\\n]+?)["']?$`, "m").exec(yaml)?.[1] ?? "";

/** The YAML of a new Deployment, whole, line by line. */
export function workloadChange(yaml: string): ResourceChange {
  const lines = yaml.trimEnd().split("\n");
  return {
    resource: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      namespace: field(yaml, "namespace"),
      name: field(yaml, "name"),
    },
    action: "create",
    before: "",
    after: yaml,
    diff: lines.map((text, at) => ({ sign: "+", before: null, after: at + 1, text })),
  };
}

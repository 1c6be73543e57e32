import type { RuleFields } from "./resource.ts";

const operationFields = ["hosts", "notHosts", "methods", "notMethods", "paths", "notPaths"] as const;
const sourceFields = ["remoteIpBlocks", "notRemoteIpBlocks", "requestPrincipals", "notRequestPrincipals"] as const;

/** Condition keys that a layer 4 hop can judge. */
const layer4Keys = new Set(["source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port"]);

export const isLayer4Key = (key: string): boolean => layer4Keys.has(key);

/** Names of the attributes in a rule that only a layer 7 hop can judge. */
export function httpAttributes(rule: RuleFields): string[] {
  const found: string[] = [];
  for (const { operation } of rule.to ?? []) {
    found.push(...operationFields.filter((field) => (operation?.[field]?.length ?? 0) > 0));
  }
  for (const { source } of rule.from ?? []) {
    found.push(...sourceFields.filter((field) => (source?.[field]?.length ?? 0) > 0));
  }
  for (const { key } of rule.when ?? []) {
    if (!isLayer4Key(key)) {
      found.push(key);
    }
  }
  return found;
}

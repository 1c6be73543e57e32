/** Names in a form that a sentence about it should set strong. Pure. */

const telling = new Set([
  ...["name", "namespaces", "serviceAccount", "host", "version", "methods", "paths", "path", "header"],
  ...["issuer", "authorizer", "claim", "exceptPaths", "openPaths", "request", "ejectFor", "certificate"],
]);

/** What the form names: services, callers, hosts, paths. */
export function namesOf(values: unknown, field = ""): string[] {
  if (typeof values === "string") {
    return telling.has(field) && values !== "" ? [values] : [];
  }
  if (Array.isArray(values)) {
    return values.flatMap((entry: unknown) => namesOf(entry, field));
  }
  if (typeof values === "object" && values !== null) {
    return Object.entries(values).flatMap(([key, value]) => namesOf(value, key));
  }
  return [];
}

/** `<namespace>/<service account>` of the callers that the form names. */
export function callersOf(values: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const callers = Array.isArray(values["callers"]) ? values["callers"] : [];
  return new Set(
    callers.flatMap((caller: { readonly namespace?: unknown; readonly serviceAccount?: unknown }) =>
      typeof caller.namespace === "string" ? [`${caller.namespace}/${String(caller.serviceAccount)}`] : [],
    ),
  );
}

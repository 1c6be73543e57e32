import type { KindDefinition } from "../../api/kind.ts";
import { failure } from "../../api/status.ts";
import { ApiError, errors } from "../api-error.ts";
import type { ResourceDeps } from "./deps.ts";

const namespaces = { group: "", plural: "namespaces" } as const;

/** Nothing is created in a namespace that is not there or that ends. Throws 404, 403. */
export function checkNamespace(deps: ResourceDeps, kind: KindDefinition, namespace: string, name: string): void {
  const stored = deps.store.get({ resource: "/namespaces", namespace: "", name: namespace });
  if (stored === undefined) {
    throw errors.notFound(namespaces, namespace);
  }
  if (stored.object.metadata?.deletionTimestamp !== undefined) {
    const qualified = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
    throw new ApiError(
      failure(
        403,
        "Forbidden",
        `${qualified} ${JSON.stringify(name)} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
        {
          name,
          ...(kind.group === "" ? {} : { group: kind.group }),
          kind: kind.plural,
          causes: [
            {
              reason: "NamespaceTerminating",
              message: `namespace ${namespace} is being terminated`,
              field: "metadata.namespace",
            },
          ],
        },
      ),
    );
  }
}

import { isClusterError } from "@/server/cluster/errors.ts";
import { PortalError } from "@/server/errors.ts";

/** What the Kubernetes API said, for people. Other errors pass. */
export function toPortalError(error: unknown): unknown {
  if (!isClusterError(error)) {
    return error;
  }
  switch (error.code) {
    case "unreachable":
    case "server-error":
      return new PortalError(
        "cluster-unreachable",
        "The mesh's API does not answer. Nothing was changed; traffic goes on as it is. Try again in a few seconds.",
        { message: error.message, cause: error },
      );
    case "conflict":
      return new PortalError("conflict", `Somebody else owns a part of this: ${error.message}`, { cause: error });
    case "not-permitted":
      return new PortalError(
        "refused-by-cluster",
        "The portal's own credentials do not allow this. Ask a platform engineer.",
        {
          message: error.message,
          cause: error,
        },
      );
    case "not-found":
    case "refused":
      return new PortalError("refused-by-cluster", `The mesh refuses it: ${error.message}`, { cause: error });
    default:
      return error.code satisfies never;
  }
}

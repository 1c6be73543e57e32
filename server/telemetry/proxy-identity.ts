import { createHash } from "node:crypto";
import type { TelemetryBatch } from "@/mesh-runtime/api/telemetry.ts";
import type { Cluster, TokenReview } from "@/server/cluster/cluster.ts";
import { isClusterError } from "@/server/cluster/errors.ts";
import { isPortalError, PortalError } from "@/server/errors.ts";
import { gatewayNameLabel } from "@/server/inventory/labels.ts";

export const telemetryAudience = "towpath-telemetry";
const agentUser = "system:serviceaccount:istio-system:ztunnel";
const cacheMs = 30_000;
/** Refusals are remembered shortly, so that a wrong token does not become a storm of reviews. */
const refusedCacheMs = 5_000;
const cacheMax = 1_000;

/** A proxy that proved who it is. */
export type Reporter =
  | { readonly kind: "agent"; readonly node: string }
  | { readonly kind: "proxy"; readonly namespace: string; readonly serviceAccount: string; readonly pod: string };

/** Tells proxies from others by TokenReview; answers are kept for half a minute. */
export class Reporters {
  readonly #cluster: Cluster;
  readonly #known = new Map<string, { until: number; reporter: Promise<Reporter> }>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Throws `unauthenticated`, `forbidden` or `cluster-unreachable`. */
  identify(token: string, now: number = Date.now()): Promise<Reporter> {
    const key = createHash("sha256").update(token).digest("base64");
    const known = this.#known.get(key);
    if (known !== undefined && known.until > now) {
      return known.reporter;
    }
    if (this.#known.size >= cacheMax) {
      for (const [old, { until }] of this.#known) {
        if (until <= now || this.#known.size >= cacheMax) {
          this.#known.delete(old);
        }
      }
    }
    const entry = { until: now + cacheMs, reporter: this.#review(token) };
    this.#known.set(key, entry);
    entry.reporter.catch((error: unknown) => {
      entry.until = isPortalError(error) && error.code === "cluster-unreachable" ? 0 : now + refusedCacheMs;
    });
    return entry.reporter;
  }

  async #review(token: string): Promise<Reporter> {
    let review: TokenReview;
    try {
      review = await this.#cluster.reviewToken(token, telemetryAudience);
    } catch (cause) {
      if (isClusterError(cause)) {
        throw new PortalError(
          "cluster-unreachable",
          "The token cannot be checked: the Kubernetes API does not answer.",
          {
            cause,
          },
        );
      }
      throw cause;
    }
    if (!review.authenticated) {
      throw new PortalError("unauthenticated", `The token is not valid for the audience ${telemetryAudience}.`);
    }
    if (review.username === agentUser) {
      return { kind: "agent", node: review.nodeName };
    }
    const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(review.username) ?? [];
    if (namespace === undefined || serviceAccount === undefined || !this.#isProxy(namespace, serviceAccount)) {
      throw new PortalError("forbidden", `${review.username} is no proxy of this mesh.`);
    }
    return { kind: "proxy", namespace, serviceAccount, pod: review.podName };
  }

  #isProxy(namespace: string, serviceAccount: string): boolean {
    return this.#cluster
      .list("Pod")
      .some(
        ({ metadata, spec }) =>
          metadata?.namespace === namespace &&
          spec?.serviceAccountName === serviceAccount &&
          metadata.labels?.[gatewayNameLabel] !== undefined,
      );
  }
}

/** An agent reports for its node, any other proxy for its own pod. */
export function mayReportAs(reporter: Reporter, batch: Pick<TelemetryBatch, "proxy" | "node">): boolean {
  if (reporter.kind === "agent") {
    return batch.proxy === `ztunnel~${batch.node}` && (reporter.node === "" || reporter.node === batch.node);
  }
  const pod = reporter.pod;
  return pod === "" ? batch.proxy.endsWith(`.${reporter.namespace}`) : batch.proxy === `${pod}.${reporter.namespace}`;
}

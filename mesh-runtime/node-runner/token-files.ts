import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../common/log.ts";
import type { KubeClient } from "../kube-client/client.ts";
import type { NamespacedKey } from "../kube-client/tokens.ts";

/** Files of the two tokens a proxy or agent needs, and for whom each is. */
const audiences: Readonly<Record<string, string>> = {
  "istio-token": "istio-ca",
  "telemetry-token": "towpath-telemetry",
};
const lifetimeSeconds = 3_600;
/** Part of the lifetime after which a token is renewed, as the kubelet does. */
const renewAt = 0.8;
/** How often the object to bind to is looked for, before it is there. */
const boundPollMs = 20;
const retry = { firstMs: 200, lastMs: 10_000 };

export interface TokenFilesOptions {
  readonly client: Pick<KubeClient, "createToken">;
  readonly directory: string;
  readonly serviceAccount: NamespacedKey;
  /** The tokens end with this object. Asked anew each time: a node may have been made again. */
  readonly boundTo: () => { readonly kind: "Pod" | "Node"; readonly name: string; readonly uid: string } | undefined;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Paths of the token files under a directory. */
export const tokenPaths = (directory: string): { readonly istio: string; readonly telemetry: string } => ({
  istio: join(directory, "istio-token"),
  telemetry: join(directory, "telemetry-token"),
});

/**
 * Writes the tokens (0600, whole or not at all) and renews them until the signal fires. Resolves when both are there for
 * the first time; keeps trying while the API cannot be reached.
 */
export async function keepTokenFiles(options: TokenFilesOptions): Promise<void> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  await Promise.all(
    Object.entries(audiences).map(async ([file, audience]) => {
      const path = join(options.directory, file);
      const first = await renewed(options, path, audience);
      void renewForEver(options, path, audience, first);
    }),
  );
}

async function renewForEver(options: TokenFilesOptions, path: string, audience: string, first: number): Promise<void> {
  let pauseMs = first;
  while (!options.signal.aborted) {
    await sleep(pauseMs, undefined, { signal: options.signal, ref: false }).catch(() => undefined);
    pauseMs = await renewed(options, path, audience);
  }
}

/** Writes a new token; returns the time until it must be renewed, in ms. */
async function renewed(options: TokenFilesOptions, path: string, audience: string): Promise<number> {
  let pauseMs = retry.firstMs;
  while (!options.signal.aborted) {
    try {
      const boundTo = options.boundTo();
      if (boundTo === undefined) {
        await sleep(boundPollMs, undefined, { signal: options.signal, ref: false }).catch(() => undefined);
        continue;
      }
      const { token, expiresAt } = await options.client.createToken(options.serviceAccount, {
        audiences: [audience],
        expirationSeconds: lifetimeSeconds,
        boundObjectRef: { apiVersion: "v1", ...boundTo },
      });
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.new`, token, { mode: 0o600 });
      renameSync(`${path}.new`, path);
      return Math.max(retry.lastMs, (expiresAt.getTime() - Date.now()) * renewAt);
    } catch (error) {
      options.log.warn("no token yet", { file: path, audience, error: String(error) });
      await sleep(pauseMs, undefined, { signal: options.signal, ref: false }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 1.5, retry.lastMs);
    }
  }
  return retry.lastMs;
}

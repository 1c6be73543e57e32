/** A control plane's port on a real socket with TLS, with tokens and pods given by the test. Test code. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../common/log.ts";
import { formatPrincipal } from "../identity/spiffe-id.ts";
import { KubeError } from "../kube-client/error.ts";
import type { TokenVerdict } from "../kube-client/tokens.ts";
import type { ControlPlaneEndpoint } from "../xds/control-plane-channel.ts";
import { createCertificateHandler } from "./ca/certificate-handler.ts";
import { openCertificateAuthority, rootCertificateFile } from "./ca/root-store.ts";
import { createTokenAuthenticator } from "./ca/token-authenticator.ts";
import { startGrpcServer } from "./grpc-server.ts";
import { createDiscoveryHub } from "./xds-server/discovery-hub.ts";
import type { ProxyStream } from "./xds-server/proxy-stream.ts";

export const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => quiet,
};

export interface TestToken {
  readonly serviceAccount: string;
  readonly node?: string;
  readonly pod?: string;
  readonly audiences?: readonly string[];
}

export interface TestPlaneOptions {
  readonly tokens: Readonly<Record<string, TestToken | "unavailable">>;
  /** `<trust domain>/ns/…/sa/…@<node>` of the pods that exist. */
  readonly pods?: readonly string[];
  readonly lifetimeMs?: number;
  readonly onProgress?: (ended?: ProxyStream) => void;
  readonly onKeysWanted?: (issuers: ReadonlySet<string>) => void;
  readonly folder?: string;
  readonly port?: number;
  readonly connectionsMax?: number;
}

export async function startTestPlane(options: TestPlaneOptions) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "towpath-plane-")));
  const authority = await openCertificateAuthority(folder, "cluster.local");
  let reviews = 0;
  const authenticator = createTokenAuthenticator(async (token, audiences): Promise<TokenVerdict> => {
    reviews += 1;
    const known = options.tokens[token];
    if (known === "unavailable") {
      throw new KubeError("unreachable", "no connection");
    }
    const both = (known?.audiences ?? ["istio-ca"]).filter((audience) => audiences.includes(audience));
    if (known === undefined || both.length === 0) {
      return { authenticated: false, error: "unknown" };
    }
    const [namespace, name] = known.serviceAccount.split("/");
    return {
      authenticated: true,
      username: `system:serviceaccount:${namespace}:${name}`,
      uid: "1",
      groups: [],
      extra: {
        ...(known.node === undefined ? {} : { "authentication.kubernetes.io/node-name": [known.node] }),
        ...(known.pod === undefined ? {} : { "authentication.kubernetes.io/pod-name": [known.pod] }),
      },
      audiences: both,
    };
  });
  const agents = new Set(["istio-system/ztunnel"]);
  const onProgress = options.onProgress ?? (() => undefined);
  const onKeysWanted = options.onKeysWanted ?? (() => undefined);
  const hub = createDiscoveryHub({ agents, authenticator, log: quiet, onProgress, onKeysWanted });
  const certificates = createCertificateHandler({
    authority: () => authority,
    authenticator,
    trustDomain: "cluster.local",
    lifetimeMs: options.lifetimeMs ?? 3_600_000,
    agents,
    runsOnNode: async (identity, node) => (options.pods ?? []).includes(`${formatPrincipal(identity)}@${node}`),
    log: quiet,
  });
  const server = await startGrpcServer({
    authority,
    address: "127.0.0.1",
    port: options.port ?? 0,
    discovery: hub.handle,
    certificates: certificates.handle,
    ...(options.connectionsMax === undefined ? {} : { connectionsMax: options.connectionsMax }),
  });
  return {
    hub,
    authority,
    folder,
    port: server.port,
    reviews: () => reviews,
    endpoint: (token: string): ControlPlaneEndpoint => ({
      address: `127.0.0.1:${server.port}`,
      rootCertificateFile: join(folder, rootCertificateFile),
      tokenProvider: () => token,
    }),
    stop: () => server.close(),
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type TestPlane = Awaited<ReturnType<typeof startTestPlane>>;

import { generateKeyPairSync } from "node:crypto";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { CertificateAuthority } from "../identity/certificate-authority.ts";
import { controlPlaneServerName } from "../xds/control-plane-channel.ts";
import { createCertificate, deltaAggregatedResources } from "../xds/grpc-methods.ts";
import type { createCertificateHandler } from "./ca/certificate-handler.ts";
import type { DiscoveryHub } from "./xds-server/discovery-hub.ts";

/** Renewed with every start; proxies read the root anew for each connection. */
const servingLifetimeMs = 365 * 24 * 3_600_000;

export interface GrpcServerOptions {
  readonly authority: CertificateAuthority;
  /** Where to listen. */
  readonly address: string;
  readonly port: number;
  readonly discovery: DiscoveryHub["handle"];
  readonly certificates: ReturnType<typeof createCertificateHandler>["handle"];
}

export interface RunningGrpcServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The port that proxies know: delta xDS and the certificate API over TLS, with a certificate of the mesh's own CA. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<RunningGrpcServer> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const { chain } = options.authority.issueServer(
    publicKey,
    {
      dns: [controlPlaneServerName, `${controlPlaneServerName}.cluster.local`, "localhost"],
      ips: [...new Set([options.address, "127.0.0.1"])],
    },
    servingLifetimeMs,
  );
  const server = new Server({
    "grpc.max_receive_message_length": 4 * 1024 * 1024,
    "grpc.max_send_message_length": 64 * 1024 * 1024,
    "grpc.max_concurrent_streams": 128,
    "grpc.keepalive_time_ms": 15_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_connection_age_ms": 30 * 60_000,
    "grpc.max_connection_age_grace_ms": 10_000,
  });
  server.addService(
    { deltaAggregatedResources, createCertificate },
    { deltaAggregatedResources: options.discovery, createCertificate: options.certificates },
  );
  const credentials = ServerCredentials.createSsl(null, [
    {
      private_key: Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
      cert_chain: Buffer.from(chain.join("")),
    },
  ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${options.address}:${options.port}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port,
    close: async () => server.forceShutdown(),
  };
}

import { generateKeyPairSync } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { CertificateAuthority } from "../identity/certificate-authority.ts";
import { controlPlaneServerName } from "../xds/control-plane-channel.ts";
import { createCertificate, deltaAggregatedResources } from "../xds/grpc-methods.ts";
import type { createCertificateHandler } from "./ca/certificate-handler.ts";
import type { DiscoveryHub } from "./xds-server/discovery-hub.ts";

/** Renewed with every start; proxies read the root anew for each connection. */
const servingLifetimeMs = 365 * 24 * 3_600_000;

/** Connections at once, whoever makes them and whatever comes of them; the next ones are closed unread. */
const connectionsMax = 4_096;
/** A connection on which nothing moves is ended; living ones are pinged more often. Milliseconds. */
const silenceMs = 40_000;

export interface GrpcServerOptions {
  readonly authority: CertificateAuthority;
  /** Where to listen. */
  readonly address: string;
  readonly port: number;
  readonly discovery: DiscoveryHub["handle"];
  readonly certificates: ReturnType<typeof createCertificateHandler>["handle"];
  /** Default 4,096. */
  readonly connectionsMax?: number;
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
    // A caller that shows no token, or is refused, does not keep its connection.
    "grpc.max_connection_idle_ms": 60_000,
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
  const injector = server.createConnectionInjector(credentials);
  const open = new Set<Socket>();
  const front = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => open.delete(socket));
    socket.setTimeout(silenceMs, () => socket.destroy());
    injector.injectConnection(socket);
  });
  front.maxConnections = options.connectionsMax ?? connectionsMax;
  await new Promise<void>((resolve, reject) => {
    front.once("error", reject);
    front.listen({ host: options.address, port: options.port, backlog: 1_024 }, resolve);
  });
  return {
    port: (front.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => front.close(() => resolve()));
      injector.destroy();
      server.forceShutdown();
      for (const socket of open) {
        socket.destroy();
      }
      await closed;
    },
  };
}

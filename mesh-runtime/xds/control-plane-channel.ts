import { readFile } from "node:fs/promises";
import { type ChannelOptions, Client, credentials, Metadata } from "@grpc/grpc-js";

/** Where the control plane is and how it is trusted. */
export interface ControlPlaneEndpoint {
  /** `<ip>:<port>` */
  readonly address: string;
  /** PEM file with the mesh's root certificate(s); read again for every connection, so a rotated root is picked up. */
  readonly rootCertificateFile: string;
  /** Gives the bearer token; called for every connection, so a renewed token is picked up. */
  readonly tokenProvider: () => string | Promise<string>;
}

/** Name in the control plane's serving certificate, the same as istiod's. */
export const controlPlaneServerName = "istiod.istio-system.svc";

/** Largest message a client takes, in bytes. */
const messageMax = 64 * 1024 * 1024;

const options: ChannelOptions = {
  "grpc.ssl_target_name_override": controlPlaneServerName,
  "grpc.default_authority": controlPlaneServerName,
  "grpc.max_receive_message_length": messageMax,
  "grpc.keepalive_time_ms": 15_000,
  "grpc.keepalive_timeout_ms": 5_000,
  // Every connection is ours alone: closing the client closes it, and waiting between attempts is our decision.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_http_proxy": 0,
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
};

/** Opens a channel to the control plane (TLS, server verified against the mesh's root) and the metadata that goes with each call. */
export async function openControlPlaneChannel(
  endpoint: ControlPlaneEndpoint,
): Promise<{ client: Client; metadata: Metadata }> {
  const root = await readFile(endpoint.rootCertificateFile);
  const token = (await endpoint.tokenProvider()).trim();
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return { client: new Client(endpoint.address, credentials.createSsl(root), options), metadata };
}

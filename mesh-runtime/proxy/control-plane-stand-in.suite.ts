import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { createCertificateAuthority, createRoot, type Root } from "../identity/certificate-authority.ts";
import { readCsr } from "../identity/csr.ts";
import { addressType, type MeshAddress, proxyConfigType } from "../xds/codec.ts";
import { controlPlaneServerName } from "../xds/control-plane-channel.ts";
import { IstioCertificateResponseSchema } from "../xds/gen/certificate_pb.js";
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "../xds/gen/discovery_pb.js";
import { createCertificate, deltaAggregatedResources } from "../xds/grpc-methods.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";

type Stream = ServerDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;
const hourMs = 3_600_000;

/**
 * What a proxy sees of a control plane: delta xDS and certificates over TLS, with no state behind it. A proxy may not
 * import the real one, not even in tests.
 */
export class ControlPlaneStandIn {
  readonly #server = new Server();
  readonly #stream = Promise.withResolvers<Stream>();
  #answered = Promise.withResolvers<string>();
  #nonce = 0;
  #addresses: readonly MeshAddress[] = [];
  address = "";
  rootFile = "";

  /** `directory` takes the root certificate; `addresses` is the mesh that proxies are told of. */
  static async start(
    directory: string,
    root: Root = createRoot("cluster.local"),
    addresses: readonly MeshAddress[] = [],
  ): Promise<ControlPlaneStandIn> {
    const plane = new ControlPlaneStandIn();
    plane.#addresses = addresses;
    const authority = createCertificateAuthority(root);
    const keys = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const served = authority.issueServer(keys.publicKey, { dns: [controlPlaneServerName], ips: [] }, hourMs);
    plane.rootFile = join(directory, "root.pem");
    await writeFile(plane.rootFile, root.certificatePem);
    const { path, ...delta } = deltaAggregatedResources;
    const { path: certificatePath, ...certificate } = createCertificate;
    plane.#server.register(
      path,
      (stream: Stream) => plane.#serve(stream),
      delta.responseSerialize,
      delta.requestDeserialize,
      "bidi",
    );
    plane.#server.register(
      certificatePath,
      ((call: { request: { csr: string } }, done: (error: null, value: unknown) => void) => {
        const { publicKey, uri = "" } = readCsr(call.request.csr);
        const issued = authority.issueWorkload(publicKey, uri, hourMs);
        done(null, create(IstioCertificateResponseSchema, { certChain: [...issued.chain, issued.roots.join("")] }));
      }) as never,
      certificate.responseSerialize,
      certificate.requestDeserialize,
      "unary",
    );
    const credentials = ServerCredentials.createSsl(null, [
      {
        private_key: Buffer.from(keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
        cert_chain: Buffer.from(served.chain.join("")),
      },
    ]);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    plane.#server.bindAsync("127.0.0.1:0", credentials, (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
    plane.address = `127.0.0.1:${await promise}`;
    return plane;
  }

  /** Sends a configuration; resolves with the reason when it is refused, with "" when it is taken. */
  async push(config: ProxyConfig): Promise<string> {
    const stream = await this.#stream.promise;
    this.#answered = Promise.withResolvers();
    const { typeUrl } = proxyConfigType;
    const resource = { typeUrl, value: proxyConfigType.encode(config) };
    const name = proxyConfigType.name(config);
    this.#send(stream, typeUrl, [{ name, version: String(this.#nonce), resource }]);
    return await this.#answered.promise;
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #serve(stream: Stream): void {
    stream.on("error", () => undefined);
    stream.on("data", ({ typeUrl, responseNonce, errorDetail }: DeltaDiscoveryRequest) => {
      const isConfig = typeUrl === proxyConfigType.typeUrl;
      if (responseNonce !== "" && isConfig) {
        this.#answered.resolve(errorDetail?.message ?? "");
      } else if (isConfig) {
        this.#stream.resolve(stream);
      } else if (responseNonce === "") {
        this.#send(stream, typeUrl, typeUrl === addressType.typeUrl ? this.#addresses.map(addressResource) : []);
      }
    });
  }

  #send(stream: Stream, typeUrl: string, resources: { name: string; version: string; resource: object }[]): void {
    this.#nonce++;
    const nonce = String(this.#nonce);
    stream.write(create(DeltaDiscoveryResponseSchema, { typeUrl, nonce, resources, removedResources: [] } as never));
  }
}

const addressResource = (address: MeshAddress): { name: string; version: string; resource: object } => ({
  name: addressType.name(address),
  version: "1",
  resource: { typeUrl: addressType.typeUrl, value: addressType.encode(address) },
});

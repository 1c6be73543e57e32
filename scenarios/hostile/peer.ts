import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { createCertificateAuthority, createRoot, readRoot } from "../../mesh-runtime/identity/certificate-authority.ts";
import type { TestMesh } from "../mesh.ts";

/** Whose certificate a peer shows: the mesh's, or one of a root that nobody knows. */
export type Root = "ours" | "foreign";

/** A workload that was taken over: it has its certificate, and says what it likes over it. */
export class Peer implements AsyncDisposable {
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
  }

  /** Connects to an HBONE port. Rejects when it is not let in. */
  static async connect(
    mesh: TestMesh,
    host: string,
    spiffeId: string,
    { root = "ours", from }: { readonly root?: Root; readonly from?: string } = {},
  ): Promise<Peer> {
    const own = await certificateOf(mesh, spiffeId, root);
    const session = connectHttp2(`https://${host}:15008`, {
      settings: { initialWindowSize: 1 << 20 },
      createConnection: () =>
        connectTls({
          host,
          port: 15008,
          ALPNProtocols: ["h2"],
          rejectUnauthorized: false,
          ...own,
          ...(from === undefined ? {} : { localAddress: from }),
        }),
    });
    await new Promise((resolve, reject) => {
      session.once("remoteSettings", resolve);
      session.once("error", reject);
      session.once("close", () => reject(new Error("the peer was not let in")));
    });
    session.on("error", () => undefined);
    return new Peer(session);
  }

  /** Opens a tunnel to `<host>:<port>`; the status instead when it is refused. */
  async tunnel(authority: string, headers: Readonly<Record<string, string>> = {}): Promise<Duplex | number> {
    const stream = this.session.request({ ":method": "CONNECT", ":authority": authority, ...headers });
    stream.on("error", () => undefined);
    const status = await new Promise<number>((resolve) => {
      stream.once("response", (answer) => resolve(Number(answer[":status"])));
      stream.once("close", () => resolve(0));
    });
    if (status === 200) {
      return stream;
    }
    stream.destroy();
    return status;
  }

  /** Everything that comes back on a tunnel of its own until it ends, or until `quietMs` pass without a byte. */
  async raw(authority: string, bytes: string | Buffer, quietMs = 1_500): Promise<string> {
    const stream = await this.tunnel(authority);
    return typeof stream === "number" ? `tunnel ${stream}` : await allOf(stream, bytes, quietMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.session.destroy();
  }
}

/** Writes bytes and gives everything that comes back until the end, or until `quietMs` pass without a byte. */
export function allOf(stream: Duplex, bytes: string | Buffer, quietMs = 1_500): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const done = (): void => {
      clearTimeout(timer);
      stream.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, quietMs);
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      timer.refresh();
    });
    stream.once("end", done);
    stream.once("close", done);
    stream.once("error", done);
    stream.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  });
}

async function certificateOf(mesh: TestMesh, spiffeId: string, from: Root): Promise<{ cert: string; key: string }> {
  const pem = await readFile(join(mesh.towpath.home.path, "control-plane", "ca.pem"), "utf8");
  const blocks = pem.split(/(?=-----BEGIN )/);
  const part = (name: string): string => blocks.find((text) => text.includes(`${name}-----`)) ?? "";
  const root = from === "foreign" ? createRoot("cluster.local") : readRoot(part("CERTIFICATE"), part("PRIVATE KEY"));
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const { chain } = createCertificateAuthority(root).issueWorkload(publicKey, spiffeId, 600_000);
  return { cert: chain.join(""), key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { createCertificateAuthority, createRoot, readRoot } from "./certificate-authority.ts";
import { readCertificate } from "./certificate-fields.ts";
import { checkLeaf, verifyPeer } from "./peer-certificate.ts";

const hourMs = 3_600_000;
const id = "spiffe://cluster.local/ns/web-api/sa/web-api";
const newKey = () => generateKeyPairSync("ec", { namedCurve: "prime256v1" });

describe("certificate authority", () => {
  const root = createRoot("cluster.local");
  const authority = createCertificateAuthority(root);

  it("issues an X.509-SVID: one URI, empty subject, no CA, digitalSignature only, chained to the root", () => {
    const { publicKey } = newKey();
    const issued = authority.issueWorkload(publicKey, id, hourMs);
    const leaf = new X509Certificate(issued.chain[0]!);
    const fields = readCertificate(leaf.raw);
    expect(fields).toMatchObject({
      subjectEmpty: true,
      isCa: false,
      names: { uris: [id], others: 0 },
      serial: issued.serial,
    });
    expect([...fields.keyUsage]).toEqual([0]);
    expect(leaf.verify(new X509Certificate(root.certificatePem).publicKey)).toBe(true);
    expect(leaf.checkIssued(new X509Certificate(root.certificatePem))).toBe(true);
    expect(fields.notAfterUnixMs).toBe(issued.notAfterUnixMs);
    expect(fields.notBeforeUnixMs).toBeLessThan(Date.now() - 50_000);
    expect(checkLeaf(leaf.raw, "cluster.local").info.spiffeId).toBe(id);
  });

  it("gives every certificate its own 128-bit serial", () => {
    const { publicKey } = newKey();
    const serials = Array.from({ length: 50 }, () => authority.issueWorkload(publicKey, id, hourMs).serial);
    expect(new Set(serials).size).toBe(50);
    expect(serials.every((serial) => serial.length === 32)).toBe(true);
  });

  it("never outlives its root", () => {
    const issued = authority.issueWorkload(newKey().publicKey, id, 100 * 365 * 24 * hourMs);
    expect(issued.notAfterUnixMs).toBeLessThanOrEqual(Date.parse(new X509Certificate(root.certificatePem).validTo));
  });

  it("refuses a root key that is not the root certificate's", () => {
    const other = createRoot("cluster.local");
    const pem = other.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(() => readRoot(root.certificatePem, pem)).toThrow(/does not belong/);
  });

  it("issues what a mutual TLS 1.3 handshake accepts on both sides", async () => {
    const side = (name: string) => {
      const { publicKey, privateKey } = newKey();
      const issued = authority.issueWorkload(publicKey, `spiffe://cluster.local/ns/a/sa/${name}`, hourMs);
      return {
        key: privateKey.export({ type: "pkcs8", format: "pem" }),
        cert: issued.chain.join(""),
        ca: [...issued.roots],
        minVersion: "TLSv1.3" as const,
      };
    };
    const server = createTlsServer({ ...side("server"), requestCert: true, rejectUnauthorized: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const accepted = once(server, "secureConnection");
    const { port } = server.address() as AddressInfo;
    const client = connect({ ...side("client"), port, host: "127.0.0.1", checkServerIdentity: () => undefined });
    await once(client, "secureConnect");
    const [socket] = (await accepted) as [TLSSocket];
    expect(verifyPeer(client, "cluster.local").identity.serviceAccount).toBe("server");
    expect(verifyPeer(socket, "cluster.local").identity.serviceAccount).toBe("client");
    expect(() => verifyPeer(socket, "other.example")).toThrow(/trust domain/);
    client.destroy();
    socket.destroy();
    server.close();
  });
});

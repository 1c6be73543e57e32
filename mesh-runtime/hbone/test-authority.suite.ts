import "./reflect.suite.ts";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Certificate } from "../identity/certificate-request.ts";
import { parseWorkloadIdentity } from "../identity/spiffe-id.ts";

export { TestCertificates } from "./test-certificates.suite.ts";

type KeyPair = webcrypto.CryptoKeyPair;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
x509.cryptoProvider.set(webcrypto as unknown as Crypto);

export interface CertificateWish {
  /** Subject alternative names; default: the identity alone. */
  readonly names?: readonly { type: "url" | "dns"; value: string }[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A certificate authority for tests: real certificates, made in process. */
export class TestAuthority {
  readonly rootPem: string;
  readonly #key: KeyPair;
  readonly #root: x509.X509Certificate;
  #serial = 1;

  private constructor(root: x509.X509Certificate, key: KeyPair) {
    this.#root = root;
    this.#key = key;
    this.rootPem = root.toString("pem");
  }

  static async create(name = "CN=test root"): Promise<TestAuthority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "01",
      name,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    return new TestAuthority(root, keys);
  }

  async issue(identity: string, wish: CertificateWish = {}): Promise<Certificate> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    this.#serial += 1;
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: this.#serial.toString(16).padStart(4, "0"),
      issuer: this.#root.subject,
      notBefore: wish.notBefore ?? new Date(Date.now() - 60_000),
      notAfter: wish.notAfter ?? new Date(Date.now() + 3_600_000),
      signingKey: this.#key.privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.SubjectAlternativeNameExtension([...(wish.names ?? [{ type: "url", value: identity }])], true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      ],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey as never));
    return {
      identity: parseWorkloadIdentity(identity),
      chain: `${leaf.toString("pem")}\n`,
      key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString("base64")}\n-----END PRIVATE KEY-----\n`,
      roots: [this.rootPem],
      info: {
        spiffeId: identity,
        serial: leaf.serialNumber.toLowerCase(),
        notBeforeUnixMs: leaf.notBefore.getTime(),
        notAfterUnixMs: leaf.notAfter.getTime(),
      },
    };
  }
}

import { generateKeyPairSync, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitString, boolean, sequence } from "./der.ts";
import { checkLeaf } from "./peer-certificate.ts";
import { extension, signCertificate } from "./x509-certificate.ts";
import { generalName, oids } from "./x509-names.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const id = "spiffe://cluster.local/ns/a/sa/b";
const nowMs = Date.UTC(2026, 0, 1);
const names = (...list: readonly Buffer[]) => extension(oids.subjectAltName, true, sequence(...list));
const digitalSignature = extension(oids.keyUsage, true, bitString(Buffer.from([0b1000_0000]), 7));
const signsCertificates = extension(oids.keyUsage, true, bitString(Buffer.from([0b1000_0100]), 2));
const signsLists = extension(oids.keyUsage, true, bitString(Buffer.from([0b1000_0010]), 1));
const notCa = extension(oids.basicConstraints, true, sequence());
const ca = extension(oids.basicConstraints, true, sequence(boolean(true)));

function leaf(extensions: readonly Buffer[], { notBeforeMs = nowMs - 1_000, notAfterMs = nowMs + 1_000 } = {}): Buffer {
  const { pem } = signCertificate({
    issuer: sequence(),
    subject: sequence(),
    signer: privateKey,
    publicKey,
    notBeforeMs,
    notAfterMs,
    extensions,
  });
  return new X509Certificate(pem).raw;
}

describe("a peer's certificate", () => {
  it("gives identity, serial and dates, and may carry DNS names beside its one URI", () => {
    const der = leaf([notCa, digitalSignature, names(generalName.dns("x.example"), generalName.uri(id))]);
    const { identity, info } = checkLeaf(der, "cluster.local", nowMs);
    expect(identity).toEqual({ trustDomain: "cluster.local", namespace: "a", serviceAccount: "b" });
    expect(info).toEqual({
      spiffeId: id,
      serial: new X509Certificate(der).serialNumber.toLowerCase(),
      notBeforeUnixMs: nowMs - 1_000,
      notAfterUnixMs: nowMs + 1_000,
    });
  });

  const one = names(generalName.uri(id));
  it.each([
    ["no name", leaf([notCa, digitalSignature]), "no-identity"],
    ["a DNS name only", leaf([notCa, digitalSignature, names(generalName.dns("x"))]), "no-identity"],
    ["two URIs", leaf([notCa, digitalSignature, names(generalName.uri(id), generalName.uri(id))]), "no-identity"],
    [
      "a URI that is no SPIFFE ID",
      leaf([notCa, digitalSignature, names(generalName.uri("https://a/b"))]),
      "no-identity",
    ],
    [
      "a SPIFFE ID of another form",
      leaf([notCa, digitalSignature, names(generalName.uri("spiffe://cluster.local/x"))]),
      "no-identity",
    ],
    ["a zero byte in the name", leaf([notCa, digitalSignature, names(generalName.uri(`${id}\0`))]), "no-identity"],
    [
      "another trust domain",
      leaf([notCa, digitalSignature, names(generalName.uri("spiffe://evil/ns/a/sa/b"))]),
      "trust-domain",
    ],
    ["CA: true", leaf([ca, digitalSignature, one]), "not-a-leaf"],
    ["keyCertSign", leaf([notCa, signsCertificates, one]), "not-a-leaf"],
    ["cRLSign", leaf([notCa, signsLists, one]), "not-a-leaf"],
    ["no key usage", leaf([notCa, one]), "not-a-leaf"],
    ["an end in the past", leaf([notCa, digitalSignature, one], { notAfterMs: nowMs - 1_000 }), "expired"],
    ["a start in the future", leaf([notCa, digitalSignature, one], { notBeforeMs: nowMs + 1_000 }), "expired"],
    ["the same extension twice", leaf([notCa, digitalSignature, one, one]), "malformed"],
    ["bytes that are no certificate", Buffer.from("hello"), "malformed"],
  ])("with %s is refused", (_what, der, code) => {
    expect(() => checkLeaf(der, "cluster.local", nowMs)).toThrow(
      expect.objectContaining({ name: "PeerCertificateError", code }),
    );
  });

  it("never makes anything but a PeerCertificateError of damaged bytes", () => {
    const der = leaf([notCa, digitalSignature, one]);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(der);
        damaged[at]! ^= change;
        try {
          checkLeaf(damaged, "cluster.local", nowMs);
        } catch (error) {
          expect(error).toMatchObject({ name: "PeerCertificateError" });
        }
      }),
    );
  });
});

import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCsr, readCsr } from "./csr.ts";
import { bitString, boolean, contextTag, der, octetString, oid, sequence, tags, unsignedInteger } from "./der.ts";
import { ecdsaWithSha256, fromPem, generalName, oids, toPem } from "./x509-names.ts";

const id = "spiffe://cluster.local/ns/a/sa/b";
const p256 = () => generateKeyPairSync("ec", { namedCurve: "prime256v1" });

interface Shape {
  key?: KeyObject;
  signer?: KeyObject;
  subject?: Buffer;
  extensions?: readonly Buffer[];
  algorithm?: Buffer;
  version?: number;
  trailing?: Buffer;
}

const altNames = (...names: readonly Buffer[]) => sequence(oid(oids.subjectAltName), octetString(sequence(...names)));

function build({
  key = p256().privateKey,
  signer = key,
  subject = sequence(),
  extensions,
  algorithm = ecdsaWithSha256,
  version = 0,
  trailing = Buffer.alloc(0),
}: Shape): string {
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const attributes =
    extensions === undefined
      ? []
      : [
          der(
            contextTag(0, { constructed: true }),
            sequence(oid(oids.extensionRequest), der(tags.set, sequence(...extensions))),
          ),
        ];
  const info = sequence(unsignedInteger(Buffer.from([version])), subject, spki, ...attributes);
  return toPem(
    "CERTIFICATE REQUEST",
    Buffer.concat([sequence(info, algorithm, bitString(sign("sha256", info, signer))), trailing]),
  );
}

describe("certificate request", () => {
  it("is read back with its key and its one URI", () => {
    const { privateKey, publicKey } = p256();
    const csr = readCsr(createCsr(privateKey, id));
    expect(csr.uri).toBe(id);
    expect(csr.publicKey.equals(publicKey)).toBe(true);
  });
  it("may leave the name out", () => {
    expect(readCsr(build({})).uri).toBeUndefined();
  });

  const commonName = sequence(der(tags.set, sequence(oid("2.5.4.3"), der(tags.utf8String, Buffer.from("admin")))));
  it.each([
    ["a subject", () => build({ subject: commonName }), "subject"],
    ["two URIs", () => build({ extensions: [altNames(generalName.uri(id), generalName.uri(`${id}2`))] }), "names"],
    [
      "a DNS name beside the URI",
      () => build({ extensions: [altNames(generalName.uri(id), generalName.dns("x"))] }),
      "names",
    ],
    ["an IP address", () => build({ extensions: [altNames(generalName.ip(Buffer.from([127, 0, 0, 1])))] }), "names"],
    [
      "subjectAltName twice",
      () => build({ extensions: [altNames(generalName.uri(id)), altNames(generalName.uri(id))] }),
      "extension",
    ],
    [
      "basicConstraints CA",
      () =>
        build({
          extensions: [
            altNames(generalName.uri(id)),
            sequence(oid(oids.basicConstraints), octetString(sequence(boolean(true)))),
          ],
        }),
      "extension",
    ],
    ["an RSA key", () => build({ key: generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey }), "key"],
    ["a P-384 key", () => build({ key: generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey }), "key"],
    ["another key's signature", () => build({ signer: p256().privateKey }), "signature"],
    ["another algorithm", () => build({ algorithm: sequence(oid("1.2.840.10045.4.3.3")) }), "signature"],
    ["another version", () => build({ version: 1 }), "encoding"],
    ["bytes behind it", () => build({ trailing: Buffer.from([0]) }), "encoding"],
    ["two blocks", () => createCsr(p256().privateKey, id).repeat(2), "encoding"],
    ["no block", () => "hello", "encoding"],
    ["a megabyte", () => `${createCsr(p256().privateKey, id)}${" ".repeat(1 << 20)}`, "size"],
  ])("with %s is refused", (_what, make, code) => {
    expect(() => readCsr(make())).toThrow(expect.objectContaining({ name: "CsrError", code }));
  });

  it("with any bit flipped is refused and nothing but a CsrError is thrown", () => {
    const [bytes] = fromPem("CERTIFICATE REQUEST", createCsr(p256().privateKey, id));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes!.length * 8 - 1 }), (bit) => {
        const broken = Buffer.from(bytes!);
        broken[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => readCsr(toPem("CERTIFICATE REQUEST", broken))).toThrow(
          expect.objectContaining({ name: "CsrError" }),
        );
      }),
    );
  });
});

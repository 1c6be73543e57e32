import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileDurably } from "../../common/durable-file.ts";
import {
  type CertificateAuthority,
  createCertificateAuthority,
  createRoot,
  readRoot,
} from "../../identity/certificate-authority.ts";
import { splitCertificates } from "../../identity/x509-names.ts";

/** Key and certificate of the root in one file, so that there is never one without the other. */
const rootFile = "ca.pem";
/** Further roots that peers shall trust, put here while a root is replaced. */
const otherRootsFile = "other-roots.pem";
/** What everybody else reads: all trusted roots. */
export const rootCertificateFile = "root-cert.pem";

/**
 * Opens the mesh's CA in a folder (0700): makes the root the first time, writes `root-cert.pem` always. The key file is
 * 0600 and on disk before anything is signed with it.
 *
 * To replace the root without a break: put the new root's certificate into `other-roots.pem` and restart (now both are
 * trusted); when every proxy has renewed, swap the two (`ca.pem` the new, `other-roots.pem` the old certificate) and
 * restart; when every certificate of the old root has expired, remove `other-roots.pem`.
 */
export async function openCertificateAuthority(folder: string, trustDomain: string): Promise<CertificateAuthority> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, rootFile);
  let pem = await readIfThere(path);
  if (pem === undefined) {
    const root = createRoot(trustDomain);
    pem = `${root.privateKey.export({ type: "pkcs8", format: "pem" }).toString()}${root.certificatePem}`;
    await writeFileDurably(path, pem, 0o600);
  }
  const [certificatePem] = splitCertificates(pem);
  if (certificatePem === undefined) {
    throw new Error(`${path} holds no certificate`);
  }
  const otherRoots = splitCertificates((await readIfThere(join(folder, otherRootsFile))) ?? "");
  const authority = createCertificateAuthority(readRoot(certificatePem, pem), { otherRoots });
  await writeFileDurably(join(folder, rootCertificateFile), authority.roots.join(""), 0o644);
  return authority;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

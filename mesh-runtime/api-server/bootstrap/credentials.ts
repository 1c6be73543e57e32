import { join } from "node:path";
import * as z from "zod";
import { type ComponentCredential, createToken, hashToken } from "../auth/component-tokens.ts";
import { groups, nodeUsername, type UserInfo } from "../auth/user.ts";
import { readIfThere, writePrivate } from "./files.ts";

/** Where credentials are written, and for whom. */
export interface CredentialOptions {
  readonly data: string;
  /** Directory of the components' kubeconfigs. */
  readonly credentials: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly server: string;
  readonly authority: string;
  readonly nodes: readonly string[];
}

interface Component {
  readonly path: string;
  readonly user: UserInfo;
}

const hashesSchema = z.record(z.string(), z.string());

/**
 * Makes sure that each component has a kubeconfig with a token of its own. A token that is there and known is kept;
 * only hashes are stored on the server's side.
 */
export function componentCredentials(options: CredentialOptions): readonly ComponentCredential[] {
  const { data, server, authority } = options;
  const hashesPath = join(data, "token-hashes.json");
  const known = readHashes(hashesPath);
  const hashes: Record<string, string> = {};
  const credentials = components(options).map(({ path, user }): ComponentCredential => {
    const kept = tokenIn(path);
    const isKnown = kept !== undefined && known[user.username] === hashToken(kept);
    const token = isKnown ? kept : createToken();
    const text = kubeconfigText({ server, authority, user: user.username, token });
    if (readIfThere(path) !== text) {
      writePrivate(path, text);
    }
    const hash = hashToken(token);
    hashes[user.username] = hash;
    return { user, hash };
  });
  writePrivate(hashesPath, `${JSON.stringify(hashes, undefined, 2)}\n`);
  return credentials;
}

function components({ credentials, kubeconfig, nodes }: CredentialOptions): Component[] {
  const user = (username: string, ...group: readonly string[]): UserInfo => ({
    username,
    uid: "",
    groups: [...group, groups.authenticated],
    extra: {},
  });
  const file = (name: string): string => join(credentials, `${name}.kubeconfig`);
  return [
    { path: kubeconfig, user: user("kubernetes-admin", groups.masters) },
    { path: file("control-plane"), user: user("system:istiod", groups.controlPlane) },
    { path: file("portal"), user: user("towpath:portal", groups.portal) },
    ...nodes.map((node) => ({ path: file(node), user: user(nodeUsername(node), groups.nodes) })),
  ];
}

function readHashes(path: string): Readonly<Record<string, string>> {
  try {
    return hashesSchema.parse(JSON.parse(readIfThere(path) ?? "{}"));
  } catch {
    // Unreadable hashes make every token unknown; new ones are written in their place.
    return {};
  }
}

const tokenIn = (path: string): string | undefined => /^\s+token: ([\w-]+)$/m.exec(readIfThere(path) ?? "")?.[1];

function kubeconfigText(facts: { server: string; authority: string; user: string; token: string }): string {
  const authority = Buffer.from(facts.authority).toString("base64");
  return `apiVersion: v1
kind: Config
current-context: towpath
clusters:
- name: towpath
  cluster:
    server: ${facts.server}
    certificate-authority-data: ${authority}
contexts:
- name: towpath
  context:
    cluster: towpath
    user: ${JSON.stringify(facts.user)}
users:
- name: ${JSON.stringify(facts.user)}
  user:
    token: ${facts.token}
preferences: {}
`;
}

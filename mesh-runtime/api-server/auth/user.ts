/** Who sends a request, as SelfSubjectReview and TokenReview tell it. */
export interface UserInfo {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export const groups = {
  masters: "system:masters",
  authenticated: "system:authenticated",
  unauthenticated: "system:unauthenticated",
  nodes: "system:nodes",
  serviceAccounts: "system:serviceaccounts",
  controlPlane: "towpath:control-plane",
  portal: "towpath:portal",
} as const;

export const anonymous: UserInfo = {
  username: "system:anonymous",
  uid: "",
  groups: [groups.unauthenticated],
  extra: {},
};

const nodePrefix = "system:node:";

/** The node that a user is, if it is one. */
export function nodeNameOf(user: UserInfo): string | undefined {
  return user.groups.includes(groups.nodes) && user.username.startsWith(nodePrefix)
    ? user.username.slice(nodePrefix.length)
    : undefined;
}

export const nodeUsername = (node: string): string => `${nodePrefix}${node}`;

export const serviceAccountUsername = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;

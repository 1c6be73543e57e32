/**
 * The mesh's private piece of the loopback range.
 *
 * One mesh owns `127.<block>.0.0/16`: `127.<block>.0.1` is the control plane, `127.<block>.<k>.1` the k-th node
 * (k ≥ 1), `127.<block>.<k>.10` to `.250` its pods.
 */
export interface AddressBlock {
  /** Second octet, 16 to 250. */
  readonly block: number;
}

/** Address of the control plane. */
export const controlPlaneAddress = ({ block }: AddressBlock): string => `127.${block}.0.1`;

/** Address of the k-th node, where its agent's admin, metrics and readiness ports listen. */
export const nodeAddress = ({ block }: AddressBlock, node: number): string => `127.${block}.${node}.1`;

/** Pod range of the k-th node, as in `Node.spec.podCIDR`. */
export const nodePodCidr = ({ block }: AddressBlock, node: number): string => `127.${block}.${node}.0/24`;

/** First and last host octet that pods get. */
export const podHostMin = 10;
export const podHostMax = 250;

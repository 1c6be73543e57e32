import { addressType, authorizationType, outsideType, proxyConfigType } from "../../xds/codec.ts";

/** An object of the API whose delivery to the proxies is followed. */
export interface ReceiptItem {
  /** `<resource>/<namespace>/<name>`, for routes with what serves them behind. */
  readonly key: string;
  readonly generation: number;
  /** Content: when it is different, delivery starts anew. */
  readonly fingerprint: string;
  /** Resources that carry the object to the proxies. */
  readonly carriers: readonly Carrier[];
  /** Something besides the proxies that is not done yet, in words. */
  readonly unfinished?: string;
}

export interface Carrier {
  readonly typeUrl: string;
  readonly name: string;
}

const carrier =
  (typeUrl: string) =>
  (name: string): Carrier => ({ typeUrl, name });

export const addressCarrier = carrier(addressType.typeUrl);
export const authorizationCarrier = carrier(authorizationType.typeUrl);
export const outsideCarrier = carrier(outsideType.typeUrl);
export const proxyConfigCarrier = carrier(proxyConfigType.typeUrl);

export const receiptKey = {
  authorizationPolicy: (key: string): string => `authorizationPolicies/${key}`,
  peerAuthentication: (key: string): string => `peerAuthentications/${key}`,
  gateway: (key: string): string => `gateways/${key}`,
  /** `server`: `gateway/<key>` or `service/<key>`. */
  route: (kind: string, key: string, server: string): string => `${kind}/${key}/${server}`,
  namespace: (name: string): string => `namespaces/${name}`,
  carried: (resource: string, key: string): string => `${resource}/${key}`,
} as const;

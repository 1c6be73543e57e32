/** Domain values ⇄ wire, per resource type. */
export { addressType, type MeshAddress, serviceKey } from "./address-type.ts";
export { authorizationType } from "./authorization-type.ts";
export { outsideType } from "./outside-type.ts";
export { proxyConfigType } from "./proxy-config-type.ts";
export type { Decoded, ResourceType } from "./resource-type.ts";

/**
 * @peculiar/x509's container insists on Reflect metadata being there, but asks it only for constructors that are
 * decorated, which none that we use is. Import before it.
 */
const answers = { getMetadata: () => undefined, getOwnMetadata: () => undefined, defineMetadata: () => undefined };
if (!("getMetadata" in Reflect)) {
  Object.assign(Reflect, answers);
}

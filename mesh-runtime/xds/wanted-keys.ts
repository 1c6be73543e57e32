/**
 * A wish of a proxy: the names that it subscribes to under this type are issuers of tokens, of which one named a key that
 * the proxy does not have. There is no answer; what comes of it is a new configuration.
 */
export const wantedKeysTypeUrl = "type.googleapis.com/towpath.l7.v1.WantedKeys";

/** Issuers in one wish. */
export const wantedIssuersMax = 16;
/** Characters of an issuer. */
export const wantedIssuerMax = 512;

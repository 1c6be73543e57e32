/** The HTTP/1.1 codec's entry. */
export { cleanValue, Fields, isNamed } from "./fields.ts";
export { chunkedBody, type Framing, noBody, untilClose } from "./framing.ts";
export { endToEnd, isHopByHop } from "./hop-by-hop.ts";
export { Http1Error } from "./http1-error.ts";
export type { Http1Limits } from "./limits.ts";
export type { RequestHead } from "./request-head.ts";
export { RequestReader } from "./request-reader.ts";
export { isAuthority } from "./request-target.ts";
export type { ResponseHead } from "./response-head.ts";
export { ResponseReader } from "./response-reader.ts";
export { isForbiddenTrailer } from "./trailers.ts";
export { writeBody, writeBodyEnd } from "./write-body.ts";
export { fieldText, requestHeadText, responseHeadText } from "./write-head.ts";

/** What the first bytes of a stream say: `more` when they do not say it yet. */
export type Sniffed = "http1" | "http2" | "tcp" | "more";

/** RFC 9113 §3.4. */
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const commonMethod = /^(?:GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT) /;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/;
/** A request line is looked for in so many bytes. */
const lineMax = 8 * 1024;

/** Whether a stream that is HTTP by its port is HTTP/2 (prior knowledge) or HTTP/1. */
export function sniffHttp(bytes: Buffer): "http1" | "http2" | "more" {
  if (bytes[0] !== 0x50 || bytes[1] === 0x4f || bytes[1] === 0x55 || bytes[1] === 0x41) {
    // Neither P nor POST, PUT, PATCH.
    return "http1";
  }
  const text = bytes.toString("latin1", 0, preface.length);
  if (text === preface) {
    return "http2";
  }
  return preface.startsWith(text) ? "more" : "http1";
}

/**
 * Tells HTTP from everything else. A usual method is enough; any other token needs a whole request line that ends in an
 * HTTP version, so that text protocols whose commands look like methods pass as bytes. What a lenient server would take
 * for HTTP must not pass as bytes, past limits and fields that only HTTP has: servers skip empty lines before a request
 * line, however many, and read lines longer than are looked at here.
 */
export function sniff(bytes: Buffer): Sniffed {
  const http = sniffHttp(bytes);
  if (http !== "http1") {
    return http;
  }
  const text = bytes.toString("latin1", 0, lineMax).replace(/^[\r\n]+/, "");
  if (commonMethod.test(text)) {
    return "http1";
  }
  const word = token.exec(text)?.[0];
  if (text === "" || (word !== undefined && word.length === text.length && word.length <= 32)) {
    // Nobody but an attacker sends so many empty lines; as HTTP they are refused.
    return bytes.length < lineMax ? "more" : "http1";
  }
  if (word === undefined || text[word.length] !== " ") {
    return "tcp";
  }
  const end = text.indexOf("\n");
  if (end === -1) {
    // So long a line with a target behind its first word is a request line, or nothing that anybody speaks.
    return bytes.length < lineMax ? "more" : /^ (?:\/|https?:)/i.test(text.slice(word.length)) ? "http1" : "tcp";
  }
  return / HTTP\/\d(?:\.\d)?\s*$/i.test(text.slice(0, end)) ? "http1" : "tcp";
}

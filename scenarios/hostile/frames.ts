/** Frames of HTTP/2 by hand (RFC 9113 §4.1, RFC 7541 without compression), for what no client library would send. */
export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
export const frames = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;
export const endStream = 1;
export const endHeaders = 4;

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header block of literal fields: name, value, name, value, … */
export const block = (fields: readonly string[]): Buffer =>
  Buffer.concat(fields.map((text, index) => Buffer.concat([Buffer.from(index % 2 === 0 ? [0] : []), literal(text)])));

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const length: number[] = [];
  if (bytes.length < 127) {
    length.push(bytes.length);
  } else {
    length.push(127);
    let rest = bytes.length - 127;
    for (; rest >= 128; rest >>= 7) {
      length.push((rest & 127) | 128);
    }
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** A connection's beginning with one request. */
export const requestFrames = (fields: readonly string[], flags = endHeaders | endStream): Buffer =>
  Buffer.concat([preface, frame(frames.settings, 0, 0), frame(frames.headers, flags, 1, block(fields))]);

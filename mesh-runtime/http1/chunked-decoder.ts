import { CR, hexValue, isFieldValue, LF, SEMICOLON } from "./characters.ts";
import { Fields } from "./fields.ts";
import { HeadLines } from "./head-lines.ts";
import { Http1Error } from "./http1-error.ts";
import type { Http1Limits } from "./limits.ts";
import { parseFields } from "./parse-fields.ts";
import { isForbiddenTrailer } from "./trailers.ts";

type State = "size" | "extension" | "size-lf" | "data" | "data-cr" | "data-lf" | "trailers" | "done";

/**
 * Decodes the chunked coding (RFC 9112 §7.1). Extensions are checked, counted and dropped.
 */
export class ChunkedDecoder {
  readonly #limits: Http1Limits;
  readonly #onData: (data: Buffer) => void;
  #state: State = "size";
  #size = 0;
  #digits = 0;
  #extension = 0;
  #extensions = 0;
  #total = 0;
  #trailerLines: HeadLines | undefined;

  constructor(limits: Http1Limits, onData: (data: Buffer) => void) {
    this.#limits = limits;
    this.#onData = onData;
  }

  /**
   * Takes a chunk of the stream. Returns the trailers and what is left once the body is over.
   * @throws Http1Error
   */
  push(bytes: Buffer): { trailers: Fields; rest: Buffer } | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === "data") {
        const end = Math.min(bytes.length, at + this.#size);
        this.#size -= end - at;
        this.#onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
        at = end;
        if (this.#size === 0) {
          this.#state = "data-cr";
        }
      } else if (this.#state === "trailers") {
        return this.#trailers(bytes.subarray(at));
      } else {
        this.#step(bytes[at++] ?? 0);
      }
    }
    return undefined;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "size":
        this.#sizeByte(byte);
        break;
      case "extension":
        this.#extensionByte(byte);
        break;
      case "size-lf":
        if (byte !== LF) {
          throw new Http1Error("bare-line-end", "CR alone after a chunk size");
        }
        this.#beginChunk();
        break;
      case "data-cr":
      case "data-lf":
        if (byte !== (this.#state === "data-cr" ? CR : LF)) {
          throw new Http1Error("chunk-data", "a chunk does not end with CRLF");
        }
        this.#state = this.#state === "data-cr" ? "data-lf" : "size";
        break;
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexValue[byte] ?? 255;
    if (digit !== 255) {
      // 13 digits stay below 2^53; a leading zero counts like any other digit.
      if (++this.#digits > 13) {
        throw new Http1Error("chunk-size", "a chunk size of more than 13 digits");
      }
      this.#size = this.#size * 16 + digit;
    } else if (this.#digits === 0) {
      throw new Http1Error("chunk-size", "no chunk size");
    } else if (byte === CR) {
      this.#state = "size-lf";
    } else if (byte === SEMICOLON) {
      this.#state = "extension";
    } else {
      throw new Http1Error("chunk-size", "something other than a hexadecimal number");
    }
  }

  #extensionByte(byte: number): void {
    if (byte === CR) {
      this.#state = "size-lf";
      return;
    }
    if (isFieldValue[byte] !== 1) {
      throw new Http1Error("chunk-extension", "a control character in a chunk extension");
    }
    this.#extension++;
    this.#extensions++;
    if (this.#extension > this.#limits.chunkExtension || this.#extensions > this.#limits.chunkExtensions) {
      throw new Http1Error("chunk-extension", "chunk extensions larger than allowed");
    }
  }

  #beginChunk(): void {
    this.#digits = 0;
    this.#extension = 0;
    this.#total += this.#size;
    if (this.#total > this.#limits.body) {
      throw new Http1Error("body-too-large", `the body is larger than ${this.#limits.body} bytes`);
    }
    this.#state = this.#size === 0 ? "trailers" : "data";
  }

  #trailers(bytes: Buffer): { trailers: Fields; rest: Buffer } | undefined {
    const { trailers: total, trailerCount: count } = this.#limits;
    this.#trailerLines ??= new HeadLines({ line: 0, total, count }, { mayStartEmpty: false });
    const found = this.#trailerLines.push(bytes);
    if (found === undefined) {
      return undefined;
    }
    this.#state = "done";
    const { lines, rest } = found;
    const list = lines.bounds.length === 0 ? [] : parseFields(lines, lines.bytes.toString("latin1", 0, lines.end), 0);
    for (let index = 0; index < list.length; index += 2) {
      if (isForbiddenTrailer((list[index] ?? "").toLowerCase())) {
        throw new Http1Error("trailer", "a field that must not come in trailers");
      }
    }
    return { trailers: new Fields(list), rest };
  }
}

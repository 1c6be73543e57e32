import type { Readable } from "node:stream";

/** What the command has of the machine that it runs on. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The person's home directory. */
  readonly home: string;
  readonly stdin: Readable;
  /** Size of the terminal at this moment; undefined when stdout is none. */
  terminal(): { readonly columns: number; readonly rows: number } | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
  out(text: string): void;
  /** A line on stderr. */
  say(line: string): void;
}

/** Where typed bytes go. */
export interface LineDisciplineOptions {
  readonly echo: (bytes: Buffer) => void;
  readonly input: (bytes: Buffer) => void;
  /** Control-D on an empty line. */
  readonly end: () => void;
  /** Control-C. */
  readonly interrupt: () => void;
}

/**
 * The little of a terminal's cooked mode that `exec -it` needs where there is no pseudo terminal: echo, backspace,
 * lines, end of input, interrupt.
 */
export function createLineDiscipline(options: LineDisciplineOptions): { type(bytes: Buffer): void } {
  let line: number[] = [];
  const lineBytesMax = 4_096;
  const type = (byte: number): void => {
    switch (byte) {
      case 0x03:
        options.echo(Buffer.from("^C\r\n"));
        line = [];
        options.interrupt();
        return;
      case 0x04:
        line.length === 0 ? options.end() : options.input(Buffer.from(line));
        line = [];
        return;
      case 0x08:
      case 0x7f:
        if (line.pop() !== undefined) {
          options.echo(Buffer.from("\b \b"));
        }
        return;
      case 0x0a:
      case 0x0d:
        options.echo(Buffer.from("\r\n"));
        options.input(Buffer.from([...line, 0x0a]));
        line = [];
        return;
      default:
        if (line.length < lineBytesMax) {
          line.push(byte);
          options.echo(Buffer.of(byte));
        }
    }
  };
  return {
    type(bytes) {
      for (const byte of bytes) {
        type(byte);
      }
    },
  };
}

import type { WebSocket } from "ws";
import { ExecError, type ExecSessions } from "../exec-session.ts";
import { channels, exitStatus, failureStatus, frame, parseExecInput } from "./exec-channel.ts";
import { createLineDiscipline } from "./line-discipline.ts";

export interface ExecRequest {
  readonly container: string;
  readonly argv: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Bytes that may wait for a slow client before the command's output is held back. */
const bufferedMax = 1 << 20;

/** Runs a command for one WebSocket; ends the command when the client leaves. Never rejects. */
export async function serveExec(socket: WebSocket, sessions: ExecSessions, request: ExecRequest): Promise<void> {
  const finish = (status: object): void => {
    socket.send(frame(channels.error, Buffer.from(JSON.stringify(status))), () => socket.close(1000));
  };
  try {
    const { session, child } = await sessions.start(request.container, request.argv);
    socket.once("close", () => void session.stop(0));
    socket.once("error", () => void session.stop(0));
    const out = request.tty ? channels.stdout : channels.stderr;
    const terminal = request.tty
      ? createLineDiscipline({
          echo: (bytes) => socket.send(frame(channels.stdout, bytes)),
          input: (bytes) => child.stdin?.write(bytes),
          end: () => child.stdin?.end(),
          interrupt: () => session.signal("SIGINT"),
        })
      : undefined;
    if (request.tty && request.stdout) {
      const note = "towpath: no pseudo terminal here; line editing is simple and programs see pipes\r\n";
      socket.send(frame(out, Buffer.from(note)));
    }
    child.stdin?.on("error", () => undefined); // EPIPE: the command does not read on.
    if (request.stdin) {
      socket.on("message", (data: Buffer) => {
        const input = parseExecInput(data, socket.protocol);
        if (input.kind === "stdinEnd" || (input.kind === "stdin" && input.bytes.length === 0)) {
          child.stdin?.end();
        } else if (input.kind === "stdin") {
          if (terminal !== undefined) {
            terminal.type(input.bytes);
          } else if (child.stdin?.write(input.bytes) === false && child.stdin.writable) {
            // A command that reads slowly holds the client back.
            socket.pause();
            child.stdin.once("drain", () => socket.resume());
          }
        }
      });
    } else {
      child.stdin?.end();
    }
    const drained = [
      pump(child.stdout, request.stdout ? channels.stdout : undefined, socket, request.tty),
      pump(child.stderr, request.stderr || request.tty ? out : undefined, socket, request.tty),
    ];
    const { code } = await session.exited;
    await Promise.all(drained);
    finish(exitStatus(code));
  } catch (error) {
    const message = error instanceof ExecError ? error.message : String(error);
    finish(failureStatus(`Internal error occurred: error executing command in container: ${message}`));
  }
}

/** Sends a stream's bytes on a channel (or drops them); resolves when the stream ended. */
async function pump(
  stream: NodeJS.ReadableStream | null,
  channel: number | undefined,
  socket: WebSocket,
  tty: boolean,
): Promise<void> {
  for await (const chunk of stream ?? []) {
    if (channel === undefined || socket.readyState !== socket.OPEN) {
      continue;
    }
    const bytes = Buffer.from(chunk);
    const sent = new Promise<void>((resolve) => {
      // A terminal in raw mode needs the carriage return that a pty would add.
      socket.send(frame(channel, tty ? withReturns(bytes) : bytes), () => resolve());
    });
    if (socket.bufferedAmount > bufferedMax) {
      await sent;
    }
  }
}

const withReturns = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString("latin1").replaceAll(/\r?\n/g, "\r\n"), "latin1");

import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";
import { SupervisorError } from "./errors.ts";

function listen(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

async function portOf(server: Server): Promise<number> {
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** The port that a person chose, or a free one for 0. Throws `port-taken` with the remedy. */
export async function claimPort(port: number, what: string, variable: string): Promise<number> {
  try {
    return await portOf(await listen("127.0.0.1", port));
  } catch (error) {
    throw new SupervisorError(
      "port-taken",
      `Port ${port} for the ${what} is taken by another program.`,
      `Choose another one (${variable}=${port + 1} npm start), or ${variable}=0 for any free one.`,
      { cause: error },
    );
  }
}

/** `preferred` if it is free, else any free port: for ports that no person chose. */
export async function preferPort(preferred: number | undefined): Promise<number> {
  if (preferred !== undefined) {
    try {
      return await portOf(await listen("127.0.0.1", preferred));
    } catch {
      // Somebody else has it now.
    }
  }
  return portOf(await listen("127.0.0.1", 0));
}

const blockMin = 16;
const blockMax = 239;
/** Bound on the block's first address for as long as the supervisor lives; the kernel frees it when it dies. */
const claimPortNumber = 15_010;

/** Claims a /16 of the loopback range: the one of earlier starts if nobody else has it. */
export async function claimBlock(
  home: string,
  preferred: number | undefined,
): Promise<{ readonly block: number; readonly claim: Server }> {
  const size = blockMax - blockMin + 1;
  const first = preferred ?? blockMin + (createHash("sha256").update(home).digest().readUInt16BE(0) % size);
  for (let offset = 0; offset < size; offset++) {
    const block = blockMin + ((first - blockMin + offset) % size);
    try {
      return { block, claim: await listen(`127.${block}.0.1`, claimPortNumber) };
    } catch {
      // Another mesh on this machine.
    }
  }
  throw new SupervisorError(
    "no-address-block",
    "No block of 127.0.0.0/8 is free",
    "Stop another Towpath on this machine. On macOS, loopback aliases are needed.",
  );
}

import type { Cluster } from "@/server/cluster/cluster.ts";
import type { TryRequest } from "@/server/contracts/try-it.ts";
import { PortalError } from "@/server/errors.ts";
import type { InventoryPod } from "@/server/inventory/model.ts";
import { LineSplitter, parseAnswerLine, type TryAnswer } from "./answer-line.ts";

const program = "towpath-request";

/** The program and its arguments; nothing of it is read by a shell. */
export function requestCommand(input: TryRequest): string[] {
  return [
    program,
    "--json",
    ...["--method", input.method, "--url", input.url],
    ...input.headers.flatMap(({ name, value }) => ["--header", `${name}:${value}`]),
    ...(input.body === "" ? [] : ["--body", input.body]),
    ...["--count", String(input.count), "--concurrency", String(input.concurrency)],
    ...["--timeout-ms", String(input.timeoutMs)],
  ];
}

/** Sends the requests from inside a pod, by `exec`, so that they carry its identity and pass its proxy. */
export async function sendFromPod(
  cluster: Cluster,
  pod: InventoryPod,
  input: TryRequest,
  signal: AbortSignal,
  onAnswer: (answer: TryAnswer) => void,
): Promise<void> {
  let problems = "";
  const lines = new LineSplitter((text) => {
    const answer = parseAnswerLine(text);
    if (answer !== undefined) {
      onAnswer(answer);
    }
  });
  const { exitCode } = await cluster
    .exec({
      namespace: pod.namespace,
      pod: pod.name,
      container: pod.container,
      command: requestCommand(input),
      onStdout: (chunk) => lines.push(chunk),
      onStderr: (chunk) => {
        problems = (problems + chunk.toString("utf8")).slice(-1_000);
      },
      signal,
    })
    .catch((cause: unknown) => {
      throw new PortalError(
        "exec-failed",
        `No session could be opened in pod ${pod.name}. Try again in a few seconds.`,
        {
          message: String(cause),
          cause,
        },
      );
    });
  // 1: some request got no answer, which its line has told already.
  if (exitCode > 1) {
    throw new PortalError(
      "exec-failed",
      exitCode === 126 || exitCode === 127
        ? `The image of pod ${pod.name} has no ${program}. Send from another workload.`
        : `The requests could not be sent from pod ${pod.name}: ${problems.trim() || `exit code ${exitCode}`}`,
    );
  }
}

import { endpoints } from "@/server/contracts/endpoints.ts";
import { type TryEvent, type TryRequest, tryEvent } from "@/server/contracts/try-it.ts";
import { callPortal } from "../query/fetch-json.ts";

/** Sends requests and hands over each event as it comes. Lines that do not fit the contract are left out. */
export async function runTry(
  request: TryRequest,
  onEvent: (event: TryEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await callPortal(endpoints.tryIt, { method: "POST", body: request, signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) {
      break;
    }
    const lines = (rest + chunk.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      deliver(line, onEvent);
    }
  }
  deliver(rest, onEvent);
}

function deliver(line: string, onEvent: (event: TryEvent) => void): void {
  if (line.trim() === "") {
    return;
  }
  try {
    const parsed = tryEvent.safeParse(JSON.parse(line));
    if (parsed.success) {
      onEvent(parsed.data);
    }
  } catch {
    // A cut line at the end of a stream that broke: what came before it is shown.
  }
}

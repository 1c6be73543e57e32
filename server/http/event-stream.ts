const keepAliveMs = 15_000;

export interface EventSink {
  /** Drops the event when the reader is slow and one is waiting already: each event is whole in itself. */
  send(event: string, data: unknown): void;
  end(): void;
  /** Aborted when the reader left or the stream ended. */
  readonly signal: AbortSignal;
}

/** A server-sent event stream; `start` is called once, unless the reader left before, and may go on sending until the signal is aborted. */
export function eventStream(request: Request, start: (sink: EventSink) => void): Response {
  const encoder = new TextEncoder();
  const abort = new AbortController();
  const signal = AbortSignal.any([request.signal, abort.signal]);
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Who left before it began is told nothing, and nothing would end it.
        if (signal.aborted) {
          controller.close();
          return;
        }
        const write = (text: string): void => {
          if (!signal.aborted && (controller.desiredSize ?? 0) > 0) {
            controller.enqueue(encoder.encode(text));
          }
        };
        const timer = setInterval(() => write(": keep-alive\n\n"), keepAliveMs);
        const end = (): void => {
          if (!abort.signal.aborted) {
            abort.abort();
          }
        };
        signal.addEventListener(
          "abort",
          () => {
            clearInterval(timer);
            try {
              controller.close();
            } catch {
              // The reader cancelled: it is closed already.
            }
          },
          { once: true },
        );
        write(": open\n\n");
        try {
          start({ send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`), end, signal });
        } catch (error) {
          end();
          throw error;
        }
      },
      cancel: () => abort.abort(),
    },
    { highWaterMark: 8 },
  );
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

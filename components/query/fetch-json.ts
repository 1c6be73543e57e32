import type * as z from "zod";
import { problem } from "@/server/contracts/errors.ts";
import { PortalError } from "./portal-error.ts";

interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Calls the portal's API and returns the answer unparsed, for streams.
 *
 * @throws PortalError when no answer comes or it is not 2xx
 */
export async function callPortal(url: string, { method = "GET", body, signal }: Call = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) {
      throw cause;
    }
    throw new PortalError("offline", `${method} ${url}: no answer`, {
      userMessage: "The mesh goes on without it. Wait a moment, or start the portal again.",
      cause,
    });
  }
  if (!response.ok) {
    throw await problemOf(response, `${method} ${url}`);
  }
  return response;
}

/**
 * Calls the portal's API and parses the answer with its contract. The only way a component gets data.
 *
 * @throws PortalError with the code of the problem document, `offline`, or `unexpected-answer`
 */
export async function fetchJson<S extends z.ZodType>(schema: S, url: string, call: Call = {}): Promise<z.output<S>> {
  const response = await callPortal(url, call);
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) {
    throw new PortalError("unexpected-answer", `${url}: ${parsed.error.message}`, {
      userMessage: "The portal's answer does not fit this page. Reload it: the portal may have been updated.",
      cause: parsed.error,
    });
  }
  return parsed.data;
}

async function problemOf(response: Response, what: string): Promise<PortalError> {
  const parsed = problem.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) {
    return new PortalError(parsed.data.code, `${what}: ${response.status} ${parsed.data.code}`, {
      userMessage: parsed.data.detail,
      problem: parsed.data,
    });
  }
  return new PortalError("unexpected-answer", `${what}: ${response.status} without a problem document`, {
    userMessage: `The portal answered ${response.status} without saying why. Try again in a moment.`,
  });
}

/** Whether an answer is what a probe expects, and whose answer it is. Pure. */
import type { ProbeExpectation } from "@/server/golden-paths/probe.ts";
import type { TryAnswer } from "@/server/try-it/answer-line.ts";
import type { MeshRefusal } from "./mesh-refusal.ts";

export interface Judgement {
  readonly passed: boolean;
  /** "200", "403 from the mesh", "no answer: connection reset". */
  readonly words: string;
}

const header = ({ headers }: Pick<TryAnswer, "headers">, wanted: string): string =>
  headers.find(({ name }) => name.toLowerCase() === wanted)?.value ?? "";

/** Answers that our proxies give by themselves carry their name as the server. */
const byProxy = (answer: TryAnswer): boolean => /^towpath(-agent)?$/.test(header(answer, "server"));

/** What Envoy and our proxies write when a policy refuses; of HEAD only its length is told. */
const policyText = "RBAC: access denied";
const isPolicyText = (answer: TryAnswer): boolean =>
  answer.body.trim() === policyText ||
  (answer.body === "" &&
    header(answer, "content-length") === String(policyText.length) &&
    header(answer, "content-type").startsWith("text/plain"));

/** "Jwt is missing", "Jwt verification fails", …: Envoy's, and ours. */
const isTokenText = ({ body }: TryAnswer): boolean => /^(Jwt|Jwks) /.test(body);

/** The answer alone says that a proxy refused. */
const saysMesh = (answer: TryAnswer): boolean =>
  byProxy(answer) ||
  (answer.status === 403 && isPolicyText(answer)) ||
  (answer.status === 401 && (isTokenText(answer) || /error="invalid_token"/.test(header(answer, "www-authenticate"))));

/** What the caller's own agent answers when the destination's agent refuses the connection. */
const isRejection = ({ status, body }: TryAnswer): boolean =>
  status === 503 && /due to policy rejection$/.test(body.trim());

/** What a proxy says when nothing answered behind it. */
const unavailable: ReadonlySet<number> = new Set([502, 503, 504]);

const refusals: ReadonlySet<number> = new Set([401, 403]);

/** It may be a policy's answer or an application's, a refused connection or a broken one: telemetry knows. */
export const mayBeRefused = ({ status, error }: Pick<TryAnswer, "status" | "error">): boolean =>
  refusals.has(status) || status === 503 || (status === 0 && isReset(error));

/** `refusal`: what proxies told of this request; undefined when they told nothing. */
export function judge(expected: ProbeExpectation, answer: TryAnswer, refusal?: MeshRefusal): Judgement {
  const { status } = answer;
  const byMesh = refusal !== undefined || saysMesh(answer) || isRejection(answer);
  const words = wordsOf(answer, byMesh, refusal);
  switch (expected.kind) {
    case "reaches":
      // An answer of the service itself, whatever it thinks of the request.
      return { passed: status > 0 && !byMesh && !unavailable.has(status), words };
    case "refused":
      // An application that says 403 was reached. A connection that ends without a word has only the mesh to end it.
      return { passed: isRefused(answer, byMesh, refusal), words };
    case "status":
      return { passed: status === expected.status, words };
    default:
      return expected satisfies never;
  }
}

function isRefused(answer: TryAnswer, byMesh: boolean, refusal: MeshRefusal | undefined): boolean {
  const { status } = answer;
  // A proxy says 503 for much else too.
  return status === 503
    ? refusal !== undefined || isRejection(answer)
    : mayBeRefused(answer) && (status === 0 || byMesh);
}

function wordsOf(answer: TryAnswer, byMesh: boolean, refusal: MeshRefusal | undefined): string {
  const told = refusal === undefined ? "" : ` (${refusal.words})`;
  if (answer.status === 0) {
    return refusal === undefined
      ? `no answer: ${answer.error || "the connection was refused"}`
      : `connection ended by the mesh${told}`;
  }
  return byMesh
    ? `${answer.status} from the mesh${told}`
    : `${answer.status}${refusals.has(answer.status) ? " by the application itself" : ""}`;
}

/**
 * A refusal at layer 4 ends a connection that was taken; a time-out or an unknown name is none, nor is a port where nobody
 * listens: then the program or its proxy is down.
 */
const isReset = (error: string): boolean => /ECONNRESET|reset|EPIPE|hang up|closed|other side closed/i.test(error);

// @ts-check

/** What the command's exit code says. README.md and `--help` repeat it. */
export const ending = /** @type {const} */ ({
  done: 0,
  /** The release ended in another way than completed. */
  notCompleted: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  conflict: 5,
  notFound: 6,
  /** A fault of this program. */
  fault: 70,
});

/** Ends the command with a text for people on stderr, and an exit code. */
export class Refusal extends Error {
  /**
   * @param {number} code one of `ending`
   * @param {string} message what happened, why, and what to do next
   * @param {string} problem code of the portal's problem document; empty without one
   */
  constructor(code, message, problem = "") {
    super(message);
    this.code = code;
    this.problem = problem;
  }
}

/** Problems of status 422 that are no fault of the command line. @type {ReadonlySet<string>} */
const saysNo = new Set(["blocked-by-findings", "refused-by-cluster", "confirmation-needed"]);

/**
 * Exit code of a failed request.
 *
 * @param {number} status of HTTP
 * @param {string} code of the problem document; empty without one
 * @returns {number}
 */
export function endingOf(status, code) {
  if (status === 401 || status === 403) {
    return ending.refused;
  }
  if (status === 404 || status === 405) {
    return ending.notFound;
  }
  if (status >= 500) {
    return ending.unreachable;
  }
  if (status === 413 || (status === 422 && !saysNo.has(code))) {
    return ending.usage;
  }
  return ending.conflict;
}

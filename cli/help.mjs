// @ts-check
import { commands } from "./commands.mjs";

/** @typedef {import("./command.ts").Flag} Flag */

/** Flags of every command. @satisfies {Readonly<Record<string, Flag>>} */
export const commonFlags = /** @type {const} */ ({
  url: { type: "string", value: "url", text: "the portal (TOWPATH_URL, what login kept, http://127.0.0.1:3000)" },
  "token-file": { type: "string", value: "file", text: "a file with the token (TOWPATH_TOKEN, what login kept)" },
  "allow-http": { type: "boolean", text: "send the token unencrypted to another machine" },
  json: { type: "boolean", text: "what the API answers, on stdout" },
  help: { type: "boolean", short: "h", text: "this" },
});

const endings = `Exit codes
  0   done; watch: it completed
  1   watch, get --exit-status: it ended in another way
  2   the command line or what it names does not fit
  3   the portal does not answer, or cannot at the moment
  4   refused: no token, an unknown one, or it may not do that
  5   not in this state, moved on, or a rule says no
  6   there is no such thing
`;

/**
 * Rows in two columns.
 *
 * @param {readonly (readonly [string, string])[]} rows
 */
function columns(rows) {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}

/** @param {Readonly<Record<string, Flag>>} flags */
const flagRows = (flags) =>
  columns(
    Object.entries(flags).map(([name, { short, value, text }]) => [
      `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` <${value}>`}`,
      text,
    ]),
  );

/** Of everything. */
export const generalHelp = () => `Towpath's releases from a terminal or a pipeline.

  npx towpath <command> [flags]

Commands
${columns([...commands].map(([name, { argument, summary }]) => [`${name} ${argument}`.trim(), summary]))}
<release> is a number, an id, or namespace/service for the one on its way, else the newest.
<bundle> is an id, or any of its releases.

Flags of every command
${flagRows(commonFlags)}
${endings}
More on a command: npx towpath rollouts start --help
`;

/**
 * Of one command.
 *
 * @param {string} name
 * @param {import("./command.ts").Command} command
 */
export const commandHelp = (name, { argument, summary, flags }) => `${summary}.

  npx towpath ${[name, argument].filter((part) => part !== "").join(" ")} [flags]

Flags
${flagRows({ ...flags, ...commonFlags })}
${endings}`;

// @ts-check
import { parseArgs } from "node:util";
import { commands } from "./commands.mjs";
import { ending, Refusal } from "./ending.mjs";
import { commandHelp, commonFlags, generalHelp } from "./help.mjs";
import { printable } from "./printable.mjs";

/**
 * Runs a command line.
 *
 * @param {readonly string[]} args behind the program's name
 * @param {import("./world.ts").World} world
 * @returns {Promise<number>} the exit code
 */
export async function run(args, world) {
  try {
    return await dispatch(args, world);
  } catch (error) {
    if (error instanceof Refusal) {
      world.say(error.message);
      return error.code;
    }
    world.say(`This is a fault of the command; please report it: ${printable(String(error))}`);
    return ending.fault;
  }
}

/**
 * @param {readonly string[]} args
 * @param {import("./world.ts").World} world
 */
async function dispatch(args, world) {
  const words = args.slice(0, args.findIndex((arg) => arg.startsWith("-")) >>> 0);
  const name = [words.slice(0, 2).join(" "), words[0] ?? ""].find((candidate) => commands.has(candidate)) ?? "";
  const command = commands.get(name);
  if (command === undefined) {
    if (args.includes("--help") || args.includes("-h") || args[0] === "help") {
      world.out(generalHelp());
      return ending.done;
    }
    const what =
      words.length === 0 ? "Say what to do" : `There is no command ${printable(words.slice(0, 2).join(" "))}`;
    throw new Refusal(ending.usage, `${what}. See: npx towpath --help`);
  }
  const { flags, positionals } = parse(name, args.slice(name.split(" ").length), command);
  if (flags.help === true) {
    world.out(commandHelp(name, command));
    return ending.done;
  }
  const wanted = command.argument === "" ? 0 : 1;
  if (positionals.length !== wanted) {
    const what =
      positionals.length < wanted
        ? `Say which one: npx towpath ${name} ${command.argument}`
        : `Too much behind ${name}`;
    throw new Refusal(ending.usage, `${what}. See: npx towpath ${name} --help`);
  }
  return command.run(flags, positionals[0] ?? "", world);
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @param {import("./command.ts").Command} command
 * @returns {{ flags: import("./command.ts").FlagValues, positionals: string[] }}
 */
function parse(name, args, command) {
  const known = { ...command.flags, ...commonFlags };
  const options = Object.fromEntries(
    Object.entries(known).map(([flag, { type, ...more }]) => [
      flag,
      { type, ...("short" in more ? { short: more.short } : {}) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { flags: { ...values }, positionals };
  } catch (error) {
    // Never the value: somebody may have tried to give a token.
    const flag = /--?[a-z][a-z-]*/.exec(/** @type {Error} */ (error).message)?.[0] ?? "a flag";
    const what = flag.replace(/^-+/, "") in known ? `${flag} is not used like this` : `There is no flag ${flag}`;
    throw new Refusal(ending.usage, `${what}. See: npx towpath ${name} --help`);
  }
}

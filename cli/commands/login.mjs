// @ts-check
import { findAccess, keepCredentials, portalUrl, tokenIn } from "../credentials.mjs";
import { ending, Refusal } from "../ending.mjs";
import { callJson } from "../portal.mjs";
import { readStdin } from "../spec.mjs";

/** @type {import("../command.ts").Command} */
export const login = {
  argument: "",
  summary: "Keep the portal's address and a token for the commands that follow",
  flags: {
    "token-stdin": { type: "boolean", text: "read the token from stdin, where no other user sees it" },
  },
  async run({ "token-stdin": fromStdin, url: named, "token-file": file, "allow-http": allowHttp }, _, world) {
    if (named === undefined || (fromStdin !== true && file === undefined)) {
      throw new Refusal(
        ending.usage,
        "Say where and with what: npx towpath login --url https://… --token-stdin < token",
      );
    }
    const access =
      fromStdin === true
        ? { url: portalUrl(named, allowHttp === true), token: tokenIn(await readStdin(world), "stdin") }
        : await findAccess({ url: named, "token-file": file, "allow-http": allowHttp }, world);
    // A token that may not read is one all the same; one that nobody knows is none.
    await callJson(access, "GET", "/api/v1/rollouts?limit=1").catch((error) => {
      if (!(error instanceof Refusal) || error.problem !== "token-scope") {
        throw error;
      }
    });
    world.say(`Kept for ${access.url.origin} in ${await keepCredentials(world, access)}`);
    return ending.done;
  },
};

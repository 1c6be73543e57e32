// @ts-check

/** A server that says nothing for so long is gone: it sends a comment every 15 s. */
const silentMs = 45_000;
const eventMax = 32 * 1024 * 1024;

/**
 * Server-sent events (HTML Living Standard §9.2.6) of an answer, until it ends or breaks.
 *
 * @param {import("node:http").IncomingMessage} answer
 * @returns {AsyncGenerator<{ event: string, data: string }>}
 */
export async function* eventsOf(answer) {
  answer.setEncoding("utf8");
  answer.setTimeout(silentMs, () => answer.destroy(new Error("silent")));
  let rest = "";
  for await (const chunk of answer) {
    rest += chunk;
    const blocks = rest.split(/\r\n\r\n|\n\n|\r\r/);
    rest = blocks.pop() ?? "";
    if (rest.length > eventMax) {
      throw new Error("an event is too large");
    }
    for (const block of blocks) {
      const read = readBlock(block);
      if (read !== undefined) {
        yield read;
      }
    }
  }
}

/**
 * @param {string} block
 * @returns {{ event: string, data: string } | undefined} undefined for comments
 */
function readBlock(block) {
  let event = "message";
  /** @type {string[]} */
  const data = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const at = line.indexOf(":");
    const name = at === -1 ? line : line.slice(0, at);
    const value = at === -1 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (name === "event") {
      event = value;
    } else if (name === "data") {
      data.push(value);
    }
  }
  return data.length === 0 ? undefined : { event, data: data.join("\n") };
}

// @ts-check
import { findAccess } from "../credentials.mjs";
import { ending } from "../ending.mjs";
import { serviceOf } from "../find-release.mjs";
import { callJson } from "../portal.mjs";
import { listWords } from "../release-words.mjs";

/** @type {import("../command.ts").Command} */
export const list = {
  argument: "",
  summary: "Releases, newest first",
  flags: {
    service: { type: "string", value: "ns/name", text: "of one service" },
    namespace: { type: "string", value: "ns", text: "of one namespace" },
    state: { type: "string", value: "state", text: "in one state, such as running" },
    active: { type: "boolean", text: "only those that have not ended" },
    limit: { type: "string", value: "n", text: "at most so many (50)" },
  },
  async run({ service: named, namespace, state, active, limit, json, ...flags }, _, world) {
    const service = named === undefined ? undefined : serviceOf(named);
    const query = new URLSearchParams({
      ...(namespace === undefined ? {} : { namespace }),
      ...(service === undefined ? {} : { namespace: service.namespace, service: service.name }),
      ...(state === undefined ? {} : { state }),
      ...(active === true ? { active: "true" } : {}),
      ...(limit === undefined ? {} : { limit }),
    });
    const found = await callJson(await findAccess(flags, world), "GET", `/api/v1/rollouts?${query}`);
    world.out(json === true ? `${JSON.stringify(found)}\n` : listWords(found.rollouts));
    return ending.done;
  },
};

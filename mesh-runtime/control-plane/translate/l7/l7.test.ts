import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import type { L7Route } from "../../../xds/proxy-config.ts";
import type { WantedCondition } from "../conditions.ts";
import { translate } from "../translate.ts";
import { facts, worldOf } from "../world.suite.ts";

const folder = new URL("testdata/", import.meta.url);
const cases = readdirSync(folder)
  .filter((file) => file.endsWith(".in.yaml"))
  .map((file) => file.slice(0, -".in.yaml".length))
  .sort();

const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
const objectsOf = (file: string): unknown[] =>
  parseAllDocuments(read(file)).map((document): unknown => document.toJS());

const keys = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qY","kid":"fetched"}]}';

/** What the resources of this folder come to: at the proxies, and in conditions. Only what differs from a plain service. */
function outcome(name: string) {
  const world = {
    ...worldOf([...objectsOf("common.yaml"), ...objectsOf(`${name}.in.yaml`)]),
    keySets: new Map([["https://known.example/keys", keys]]),
    keyProblems: new Map([
      ["https://unknown.example/.well-known/openid-configuration", "unknown.example answered 404"],
    ]),
  };
  const { proxyConfigs, effects } = translate(world, facts);
  const configs = [...proxyConfigs.values()].map(({ config }) => config);
  const waypoint = configs.find(({ kind }) => kind === "waypoint");
  const listeners = configs.flatMap((config) => config.listeners);
  const [usual] = [...translate(worldOf(objectsOf("common.yaml")), facts).proxyConfigs.values()].map(
    ({ config }) => config,
  );
  const usualClusters = new Set(usual?.clusters.map(json));
  return filled({
    clusters: waypoint?.clusters.filter((cluster) => !usualClusters.has(json(cluster))),
    services: Object.fromEntries(
      (waypoint?.services ?? []).flatMap((service) => {
        const { jwtRules, rateLimits } = service;
        const routes = Object.fromEntries(
          service.ports.flatMap(({ port, routes: all }) => (all.length === 0 ? [] : [[port, all.map(own)]])),
        );
        const shown = filled({ routes, jwtRules, rateLimits });
        return Object.keys(shown).length === 0 ? [] : [[service.service, shown]];
      }),
    ),
    listeners: Object.fromEntries(
      listeners.map(({ name: listener, jwtRules, rateLimits }) => [listener, filled({ jwtRules, rateLimits })]),
    ),
    authorizers: waypoint?.authorizers,
    telemetry: json(waypoint?.telemetry) === json(usual?.telemetry) ? undefined : waypoint?.telemetry,
    pathNormalization:
      waypoint?.pathNormalization === usual?.pathNormalization ? undefined : waypoint?.pathNormalization,
    effects: filled(
      Object.fromEntries(
        Object.entries<ReadonlyMap<string, readonly WantedCondition[]>>({ ...effects }).map(
          ([resource, conditions]) => [
            resource,
            Object.fromEntries(
              [...conditions]
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([key, list]) => [
                  key,
                  list.map(({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`),
                ]),
            ),
          ],
        ),
      ),
    ),
  });
}

/** Routes of Gateway API are the matter of other tests. */
const own = (route: L7Route): unknown => (route.ordered ? route : route.key);

const json = (value: unknown): string => JSON.stringify(value);
const filled = (record: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined && !["{}", "[]"].includes(json(value))),
  );

describe("traffic and security resources", () => {
  it.each(cases)("%s", (name) => {
    const purpose = read(`${name}.in.yaml`).split("\n")[0] ?? "";
    expect(purpose).toMatch(/^# \S/);
    const actual = `${purpose}\n${stringify(outcome(name), { lineWidth: 0, aliasDuplicateObjects: false })}`;
    if (process.env["UPDATE_GOLDEN"] === "1") {
      writeFileSync(new URL(`${name}.out.yaml`, folder), actual);
    }
    expect(actual).toBe(read(`${name}.out.yaml`));
  });
});

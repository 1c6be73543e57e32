import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KubeObject } from "../../api/meta.ts";
import type { KubeClient } from "../../kube-client/client.ts";
import { quiet } from "../plane.suite.ts";
import { translate } from "../translate/translate.ts";
import { facts, worldOf } from "../translate/world.suite.ts";
import type { WatchedWorld, WorldChange } from "../world/watched-world.ts";
import { createStatusKeeper } from "./status-keeper.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** In a namespace without pods, so that nobody has to confirm anything. */
const permissive = (uid: string): KubeObject =>
  ({
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace: "a", uid, generation: 1 },
    spec: { mtls: { mode: "PERMISSIVE" } },
  }) as KubeObject;

it("says nothing of an object that came in the place of another one of its name before it was translated", async () => {
  const written: unknown[] = [];
  // The one that was translated is gone already.
  let live: KubeObject | undefined;
  let tell: (change: WorldChange) => void = () => undefined;
  const world = worldOf([permissive("first")]);
  const keeper = createStatusKeeper({
    client: {
      patch: async (_kind: unknown, _key: unknown, patch: { body: unknown }) => written.push(patch.body),
    } as unknown as KubeClient,
    watched: {
      world,
      object: (resource: string) => (resource === "peerAuthentications" ? live : undefined),
      onChange: (listener: typeof tell) => {
        tell = listener;
        return () => undefined;
      },
    } as unknown as WatchedWorld,
    hub: { streams: () => [], snapshot: () => ({ types: new Map() }) } as unknown as Parameters<
      typeof createStatusKeeper
    >[0]["hub"],
    facts,
    log: quiet,
  });
  keeper.onTranslation(translate(world, facts), Date.now());
  await vi.advanceTimersByTimeAsync(500);

  // Deleted and made again: the generation is the same, what it says need not be.
  live = permissive("second");
  tell({ resource: "peerAuthentications", key: "a/default", input: true });
  keeper.onProgress();
  await vi.advanceTimersByTimeAsync(500);
  expect(written).toEqual([]);

  keeper.onTranslation(translate(world, facts), Date.now());
  await vi.advanceTimersByTimeAsync(500);
  expect(written).toHaveLength(1);
  keeper.stop();
});

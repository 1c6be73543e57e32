/**
 * The portal's back end without its pages, as a process of its own that a test can kill. What proxies push comes over the
 * channel to the parent, and so do questions: `{id, call, args}`, answered by `{id, value}` or `{id, error}`.
 */
import process from "node:process";
import type { TelemetryBatch } from "../../mesh-runtime/api/telemetry.ts";
import type { SignedIn } from "../../server/auth/signed-in.ts";
import { readConfig } from "../../server/config.ts";
import { rolloutSpec } from "../../server/contracts/rollout-spec.ts";
import { actionRequest, type RolloutAction } from "../../server/contracts/rollouts.ts";
import { openPortal } from "../../server/portal.ts";
import { people } from "../../server/seed/people.ts";
import type { PushPart } from "../../server/telemetry/memory.ts";
import { servePortalApi } from "./portal-api.ts";
import type { Calls, FromPortal, ToPortal } from "./portal-messages.ts";

const [{ id, name, initials, persona }] = people;
/** The tour's platform engineer. */
const pat: SignedIn = { id, name, initials, persona, roles: ["platform"], teams: [], sessionEndsUnixMs: 0 };
const asker = { person: pat, address: "" };

const portal = await openPortal(readConfig());
await portal.cluster.synced;
const { rollouts, telemetry } = portal;
const asked = { reason: "", etag: "" };

const calls: Calls = {
  start: (spec) => rollouts.start({ spec: rolloutSpec.parse(spec), openedUnixMs: Date.now(), ...asked }, asker),
  act: (release, action) => rollouts.act(release, action as RolloutAction, actionRequest.parse({}), asker),
  details: (release) => rollouts.details(release, pat),
  checkChain: (release) => rollouts.checkChain(release, asker),
  startBundle: (title, specs) =>
    rollouts.startBundle(
      {
        ...{ title, order: "in-order", abortTogether: true, openedUnixMs: Date.now(), reason: "" },
        specs: specs.map((spec) => rolloutSpec.parse(spec)),
      },
      asker,
    ),
  bundle: (bundle) => rollouts.bundle(bundle, pat),
  api: () => servePortalApi(portal, pat.id),
};

const say = (message: FromPortal): void => void process.send?.(message);

process.on("message", (message: ToPortal) => {
  if ("batch" in message) {
    telemetry.take(message.part as PushPart, message.batch as TelemetryBatch, Date.now(), Date.now());
    return;
  }
  // Arguments are of the type that their call has: both ends use the same table.
  const call = calls[message.call] as (...args: readonly unknown[]) => Promise<unknown>;
  call(...message.args).then(
    (value) => say({ id: message.id, value }),
    (error: unknown) =>
      say({ id: message.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
say({ ready: true });

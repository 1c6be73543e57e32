/** Who may call, how calls are routed, what is open to the outside and what outside is open: all on the same services. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { intentsOfCluster } from "../../server/golden-paths/from-manifest.ts";
import { type Intent, intentSet } from "../../server/golden-paths/intent.ts";
import { isWholeOurs } from "../../server/golden-paths/owned-part.ts";
import { canonical } from "../../server/golden-paths/resource.ts";
import { admitted, complaints, haveRoom, rendered, stored } from "./checks.ts";
import { mixedIntents } from "./mixed-intents.ts";

/** The certificate is nobody's intent; a service without any waypoint is told so. */
const isExpected = (complaint: string, plainHasWaypoint: boolean): boolean =>
  /InvalidCertificateRef|Bad TLS configuration/.test(complaint) ||
  (!plainHasWaypoint && /\bplain\/.*(NoWaypoint|AncestorNotBound|Invalid targetRefs)/.test(complaint));

test("intents of every path on the same services are admitted as they are, act as written, and are read back", () => {
  const seen = new Set<string>();
  void fc.assert(
    fc.property(mixedIntents, (intents) => {
      fc.pre(haveRoom(intents));
      const parts = rendered(intents);
      for (const part of parts) {
        const result = admitted(part);
        expect(result, JSON.stringify(part)).toMatchObject({ ok: true, warnings: [] });
        if (result.ok && isWholeOurs(part) && part.kind !== "Service") {
          expect(canonical((result.object as { spec?: unknown }).spec)).toBe(canonical(part.spec));
        }
      }
      const hasWaypoint = intents.some(({ slug }) => slug === "give-a-waypoint");
      expect(complaints(parts).filter((one) => !isExpected(one, hasWaypoint))).toEqual([]);
      const sorted = (all: Iterable<readonly [string, Intent]>) => [...all].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(intentsOfCluster(parts.map(stored)))).toEqual(sorted(intentSet(intents)));
      for (const { slug } of intents) {
        seen.add(slug);
      }
    }),
    { numRuns: 120 },
  );
  expect([...seen].sort()).toEqual(expect.arrayContaining(["allow-a-destination", "let-a-caller-in", "retries"]));
  expect(seen.size).toBeGreaterThan(15);
});

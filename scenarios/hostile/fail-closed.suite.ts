import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { enact, manifests, retract } from "../manifests.ts";
import type { Peer } from "./peer.ts";
import { at, type Place } from "./place.ts";

/** Configuration that cannot be used, or that means harm, in front of the service `other`. */
export function failsClosed(
  now: () => { readonly place: Place; readonly friend: Peer; readonly serves: () => Promise<number> },
): void {
  const ask = async (fields = ""): Promise<number> => {
    const text = `GET / HTTP/1.1\r\nHost: other\r\n${fields}Connection: close\r\n\r\n`;
    const answer = await now().friend.raw(`other.${at}.svc.cluster.local:80`, text, 5_000);
    return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
  };
  const becomes = (status: number, fields = ""): Promise<void> =>
    expect.poll(() => ask(fields), { timeout: 15_000, interval: 100 }).toBe(status);
  const target = `targetRefs: [{ group: "", kind: Service, name: other }]`;

  test("an authorizer that nobody knows, and a key set that nobody can have, refuse", async () => {
    const { mesh } = now().place;
    const custom = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: asked, namespace: ${at} }
spec: { ${target}, action: CUSTOM, provider: { name: nobody }, rules: [{}] }
`;
    expect(await ask()).toBe(200);
    await mesh.apply(...manifests(custom));
    await becomes(403);
    await retract(mesh, custom);
    await becomes(200);
    const oct = JSON.stringify({ keys: [{ kty: "oct", k: "c2VjcmV0", kid: "1", alg: "HS256" }] });
    const poisoned = `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: poisoned, namespace: ${at} }
spec: { ${target}, jwtRules: [{ issuer: me, jwks: '${oct}' }] }
`;
    await mesh.apply(...manifests(poisoned));
    await becomes(401, `Authorization: Bearer ${hmacToken}\r\n`);
    expect(await ask()).toBe(200);
    await retract(mesh, poisoned);
    expect(await now().serves()).toBe(200);
  });

  test("a thousand policies and absurd limits leave the waypoint serving, and hold", async () => {
    const { place, friend, serves } = now();
    const limit = (requests: string, interval: string): string => `
apiVersion: towpath.dev/v1alpha1
kind: RateLimitPolicy
metadata: { name: absurd, namespace: ${at} }
spec: { ${target}, limits: [{ requests: ${requests}, interval: ${interval} }] }
`;
    for (const [requests, interval] of [
      ["0", "1s"],
      ["-1", "1s"],
      ["1e400", "1s"],
      ["1.5", "1s"],
      ["1", "0s"],
      ["1", "999999h"],
    ] as const) {
      await expect(place.mesh.apply(...manifests(limit(requests, interval)))).rejects.toThrow();
    }
    await enact(place.mesh, limit("1", "24h"));
    expect([await ask(), await ask()].sort()).toEqual([200, 429]);
    await retract(place.mesh, limit("1", "24h"));
    const rules = Array.from({ length: 500 }, (_, index) => `{ to: [{ operation: { paths: ["/no-${index}/*"] } }] }`);
    const many = [1, 2].map(
      (number) => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: many-${number}, namespace: ${at} }
spec: { ${target}, action: DENY, rules: [${rules.join(", ")}] }
`,
    );
    await enact(place.mesh, many.join("---"));
    await becomes(200);
    const denied = await friend.raw(
      `other.${at}.svc.cluster.local:80`,
      "GET /no-499/x HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n",
    );
    expect(denied).toMatch(/^HTTP\/1\.1 403 /);
    expect(await serves()).toBe(200);
    await retract(place.mesh, many.join("---"));
  });

  test("a kept connection is judged by what holds now, request by request", async () => {
    const { place, friend } = now();
    const stream = (await friend.tunnel(`other.${at}.svc.cluster.local:80`)) as Duplex;
    let text = "";
    stream.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    const send = "GET /kept HTTP/1.1\r\nHost: other\r\n\r\n";
    const statuses = (): (string | undefined)[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    stream.write(send);
    await expect.poll(statuses).toEqual(["200"]);
    const deny = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: shut, namespace: ${at} }
spec: { ${target}, action: DENY, rules: [{}] }
`;
    await enact(place.mesh, deny);
    stream.write(send);
    await expect.poll(statuses).toEqual(["200", "403"]);
    stream.destroy();
    await retract(place.mesh, deny);
  });
}

/** Signed with the text `secret`, by HS256. */
const hmacToken = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJtZSIsInN1YiI6Im1lIn0.c2lnbmF0dXJl";

import type { L7Certificate } from "../../../xds/proxy-config.ts";
import type { World } from "../input/world.ts";

/** Why a Secret cannot be shown by a listener, in Istio's words, which follow `invalid certificate reference …, `. */
export function secretProblem(key: string, world: World): string | undefined {
  const secret = world.secrets.get(key);
  if (secret === undefined) {
    return `secret ${key} not found`;
  }
  return secret.problem === "" ? undefined : secret.problem;
}

/** The certificates behind the keys that listeners name; those that cannot be used are left out. */
export function certificatesOf(keys: Iterable<string>, world: World): readonly L7Certificate[] {
  return [...new Set(keys)].sort().flatMap((key) => {
    const secret = world.secrets.get(key);
    return secret === undefined || secret.problem !== ""
      ? []
      : [{ key, chain: secret.chain, privateKey: secret.privateKey }];
  });
}

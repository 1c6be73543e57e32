import { join } from "node:path";

/** What a built-in image runs: `command` in the manifest replaces `entrypoint`, `args` replaces `args`. */
export interface Image {
  readonly entrypoint: readonly string[];
  readonly args: readonly string[];
}

/** Where the programs behind the built-in images are. */
export interface ImageSources {
  /** Node binary that runs them. */
  readonly node: string;
  /** Root of the Towpath checkout. */
  readonly root: string;
}

/**
 * What keeps a proxy small: it builds its standard library instead of reading Node's snapshot of it, which costs 50 ms
 * and saves 6 MiB; it collects garbage once after its start (`--expose-gc`); its young generation does not grow beyond
 * what its load needs; and a flood ends in refusals of this process, not in memory pressure for its neighbours.
 */
const proxyFlags = ["--no-node-snapshot", "--expose-gc", "--max-semi-space-size=8", "--max-old-space-size=512"];

/**
 * The built-in images. A name that is none of them needs a `command`, which is run from the host's PATH: there is no
 * container file system in the embedded mesh.
 */
export function builtInImages({ node, root }: ImageSources): ReadonlyMap<string, Image> {
  const program = (path: string, ...args: string[]): Image => ({ entrypoint: [node, join(root, path)], args });
  const link = (service: string, version: string, ...more: string[]): Image =>
    program("demo/workloads/chain-service.ts", "--service", service, "--version", version, ...more);
  const toRecommendation = ["--upstream", "http://recommendation.recommendation:8080/"];
  const webApi = link("web-api", "v1", ...toRecommendation);
  const recommendation = link("recommendation", "v1", "--upstream", "http://purchase-history.purchase-history:8080/");
  const purchaseHistory = (version: string, ...more: string[]): Image => link("purchase-history", version, ...more);
  const failing = ["--fail-percent", "20"];
  const slow = ["--slow-percent", "50", "--slow-ms", "300"];
  const sleep = program("demo/workloads/sleep.ts");
  const httpbin = program("demo/workloads/httpbin.ts");
  const proxy: Image = { entrypoint: [node, ...proxyFlags, join(root, "mesh-runtime/proxy/start.mjs")], args: [] };
  return new Map([
    ["towpath/web-api", webApi],
    ["towpath/web-api:v1", webApi],
    ["towpath/recommendation", recommendation],
    ["towpath/recommendation:v1", recommendation],
    ["towpath/web-api:v1-dropping-headers", link("web-api", "v1", ...toRecommendation, "--drop-headers")],
    ["towpath/purchase-history", purchaseHistory("v1")],
    ["towpath/purchase-history:v1", purchaseHistory("v1")],
    ["towpath/purchase-history:v2", purchaseHistory("v2")],
    ["towpath/purchase-history:v3", purchaseHistory("v3")],
    ["towpath/purchase-history:v1-failing", purchaseHistory("v1", "--fail-percent", "50")],
    ["towpath/purchase-history:v2-failing", purchaseHistory("v2", ...failing)],
    ["towpath/purchase-history:v2-slow", purchaseHistory("v2", ...slow)],
    ["towpath/purchase-history:v2-failing-slow", purchaseHistory("v2", ...failing, ...slow)],
    ["towpath/purchase-history:v2-burning", purchaseHistory("v2", "--fail-percent", "30", "--burn-seconds", "120")],
    ["towpath/sleep", sleep],
    ["towpath/sleep:v1", sleep],
    ["towpath/httpbin", httpbin],
    ["towpath/httpbin:v1", httpbin],
    ["towpath/proxy", proxy],
  ]);
}

/** Why a container cannot be started, as Kubernetes' waiting reasons. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly code: "ErrImagePull";
  readonly userMessage: string;

  constructor(image: string, known: Iterable<string>) {
    super(`image ${JSON.stringify(image)} is none of the built-in images and the container has no command`);
    this.code = "ErrImagePull";
    this.userMessage = `${this.message}. Give the container a command (it runs from this machine's PATH), or use one of ${[...known].join(", ")}.`;
  }
}

/**
 * The argument vector of a container.
 * @throws ImageError when the image is unknown and there is no command.
 */
export function containerArgv(
  images: ReadonlyMap<string, Image>,
  container: {
    readonly image?: string | undefined;
    readonly command?: readonly string[] | undefined;
    readonly args?: readonly string[] | undefined;
  },
): string[] {
  const name = (container.image ?? "").replace(/^docker\.io\//, "").replace(/:latest$/, "");
  const image = images.get(name);
  if (container.command !== undefined && container.command.length > 0) {
    return [...container.command, ...(container.args ?? [])];
  }
  if (image === undefined) {
    throw new ImageError(container.image ?? "", images.keys());
  }
  return [...image.entrypoint, ...(container.args ?? image.args)];
}

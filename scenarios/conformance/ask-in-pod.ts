/** Sends the requests of its argument (JSON, gzip, base64url) from the pod that it runs in and prints the answers as JSON. */
import process from "node:process";
import { gunzipSync } from "node:zlib";
import { type Ask, askAll } from "./ask.ts";

const { asks, atOnce } = JSON.parse(gunzipSync(Buffer.from(process.argv[2] ?? "", "base64url")).toString()) as {
  asks: Ask[];
  atOnce?: number;
};
process.stdout.write(JSON.stringify(await askAll(asks, atOnce)), () => process.exit(0));

import { ensureBuilt, ensureInstalled } from "./checkout.mjs";

await ensureInstalled();
await ensureBuilt();

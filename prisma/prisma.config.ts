import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";

/** For `prisma generate` and for `prisma migrate deploy` against a database of one's own. */
// biome-ignore lint/style/noDefaultExport: the Prisma CLI reads the default export
export default defineConfig({
  schema: fileURLToPath(new URL("./schema", import.meta.url)),
  migrations: { path: fileURLToPath(new URL("./migrations", import.meta.url)) },
  // biome-ignore lint/style/noProcessEnv: the Prisma CLI has no other way to be told
  datasource: { url: process.env["DATABASE_URL"] ?? "" },
});

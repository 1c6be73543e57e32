import { defineConfig } from "vitest/config";

/** Tests of the policy engine for `npm run mutation`: the tables alone, for random runs would take hours. */
export default defineConfig({
  test: {
    include: ["mesh-runtime/policy/**/*.test.ts"],
    exclude: ["**/*oracle.test.ts", "node_modules/**"],
  },
});

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const alias = { "@": fileURLToPath(new URL(".", import.meta.url)) };

/** Two suites: pure and small components (`unit`), and the mesh with real processes (`scenarios`). */
export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          include: ["**/*.test.{ts,tsx}"],
          exclude: ["node_modules/**", ".next/**", ".stryker/**", "scenarios/**", "e2e/**"],
          pool: "forks",
          // Many wait for processes and databases: one worker for each of two cores, also where it would be fewer.
          maxWorkers: 2,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "scenarios",
          include: ["scenarios/**/*.test.ts"],
          pool: "forks",
          // Each has a mesh of its own, and waits more than it computes.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

#!/usr/bin/env node
// @ts-check
// `npx towpath`: plain JavaScript for any Node ≥ 18.3, without a build and without anything installed.
import { homedir } from "node:os";
import process from "node:process";
import { run } from "./run.mjs";

// `… | head` has seen enough.
process.stdout.on("error", (error) => {
  if (/** @type {{ code?: string }} */ (error).code === "EPIPE") {
    process.exit(0);
  }
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  home: homedir(),
  stdin: process.stdin,
  terminal: () =>
    process.stdout.isTTY === true ? { columns: process.stdout.columns, rows: process.stdout.rows } : undefined,
  now: Date.now,
  out: (text) => void process.stdout.write(text),
  say: (line) => void process.stderr.write(`${line}\n`),
});

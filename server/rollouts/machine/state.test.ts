import { expect, test } from "vitest";
import { TestRelease, testSpec } from "./machine.suite.ts";
import { machine } from "./state.ts";

test("a row of a release that ran before a hold, a clock or a template was kept reads on", () => {
  const release = new TestRelease(testSpec());
  release.untilSoaking();
  const { gateClock: _clock, template: _template, refusedSinceUnixMs: _since, holds, ...rest } = release.machine;
  const { version: _version, ...kept } = holds;
  expect(machine.parse(JSON.parse(JSON.stringify({ ...rest, holds: kept })))).toEqual(release.machine);
});

import { describe, expect, it } from "vitest";
import { dateText, momentOf } from "./until-choice.ts";

describe("dates", () => {
  it("are read and written in UTC", () => {
    const moment = Date.UTC(2026, 10, 22, 21, 30);
    expect(dateText(moment)).toBe("2026-11-22T21:30");
    expect(momentOf("2026-11-22T21:30")).toBe(moment);
    expect(momentOf("2026-11-")).toBeUndefined();
  });
});

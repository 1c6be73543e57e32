import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { marked } from "./marked-command.ts";

const strong = (command: string) => marked(command).flatMap((part) => (part.strong ? [part.text] : []));

describe("a command line", () => {
  it.each([
    ["curl -H 'Host: istioinaction.io' -H 'x-canary: true' http://127.0.0.1:8080/", ["x-canary: true"]],
    ["curl -b 'towpath-version=v2' http://a/", ["towpath-version=v2"]],
    ['curl --header "x-group: b" http://a/', ["x-group: b"]],
    ["curl http://v2.example.com/", []],
    ["", []],
  ])("%s marks %j", (command, wanted) => expect(strong(command)).toEqual(wanted));

  it("is shown whole, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string(), (command) => {
        expect(
          marked(command)
            .map(({ text }) => text)
            .join(""),
        ).toBe(command);
      }),
    );
  });
});

import { backend } from "./mesh-place.ts";

/** HTTPRouteHeaderMatching and GRPCRouteHeaderMatching ask the same. */
export const headerRules = (port: number): string => `
    - { matches: [{ headers: [{ name: version, value: one }] }], ${backend(1, port)} }
    - { matches: [{ headers: [{ name: version, value: two }] }], ${backend(2, port)} }
    - { matches: [{ headers: [{ name: version, value: two }, { name: color, value: orange }] }], ${backend(1, port)} }
    - { matches: [{ headers: [{ name: color, value: blue }] }, { headers: [{ name: color, value: green }] }], ${backend(1, port)} }
    - { matches: [{ headers: [{ name: color, value: red }] }, { headers: [{ name: color, value: yellow }] }], ${backend(2, port)} }`;
export const headerCases: readonly (readonly [headers: Record<string, string>, version: 0 | 1 | 2])[] = [
  [{ version: "one" }, 1],
  [{ version: "two" }, 2],
  [{ version: "two", color: "orange" }, 1],
  [{ version: "two", color: "blue" }, 2],
  [{ color: "orange" }, 0],
  [{ "some-other-header": "one" }, 0],
  [{ color: "blue" }, 1],
  [{ color: "green" }, 1],
  [{ color: "red" }, 2],
  [{ color: "yellow" }, 2],
  [{ color: "purple" }, 0],
];

export const multipleEdits =
  "{ set: [{ name: X-Header-Set-1, value: header-set-1 }, { name: X-Header-Set-2, value: header-set-2 }], add: [{ name: X-Header-Add-1, value: header-add-1 }, { name: X-Header-Add-2, value: header-add-2 }, { name: X-Header-Add-3, value: header-add-3 }], remove: [X-Header-Remove-1, X-Header-Remove-2] }";
/** Path, what is there before, what is there afterwards. */
export const headerEdits: readonly (readonly [
  path: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string | null>>,
])[] = [
  ["/set", { "Some-Other-Header": "val" }, { "Some-Other-Header": "val", "X-Header-Set": "set-overwrites-values" }],
  ["/set", { "X-Header-Set": "some-other-value" }, { "X-Header-Set": "set-overwrites-values" }],
  ["/add", { "Some-Other-Header": "val" }, { "Some-Other-Header": "val", "X-Header-Add": "add-appends-values" }],
  ["/add", { "X-Header-Add": "some-other-value" }, { "X-Header-Add": "some-other-value,add-appends-values" }],
  ["/remove", { "X-Header-Remove": "val" }, { "X-Header-Remove": null }],
  [
    "/multiple",
    {
      "X-Header-Set-2": "set-val-2",
      "X-Header-Add-2": "add-val-2",
      "X-Header-Remove-1": "remove-val-1",
      "X-Header-Remove-2": "remove-val-2",
      "Another-Header": "another-header-val",
    },
    {
      "X-Header-Set-1": "header-set-1",
      "X-Header-Set-2": "header-set-2",
      "X-Header-Add-1": "header-add-1",
      "X-Header-Add-2": "add-val-2,header-add-2",
      "X-Header-Add-3": "header-add-3",
      "Another-Header": "another-header-val",
      "X-Header-Remove-1": null,
      "X-Header-Remove-2": null,
    },
  ],
  [
    "/case-insensitivity",
    { "x-header-set": "set-before", "x-header-add": "add-before", "x-header-remove": "remove-before" },
    { "X-Header-Set": "header-set", "X-Header-Add": "add-before,header-add", "x-header-remove": null },
  ],
];

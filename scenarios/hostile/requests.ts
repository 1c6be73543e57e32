/** What `friend` may do with `server`, and what is forbidden to all. */
export const policies = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: open, namespace: victims }
spec:
  targetRefs: [{ group: "", kind: Service, name: server }]
  action: ALLOW
  rules:
    - from: [{ source: { serviceAccounts: [victims/friend] } }]
      to: [{ operation: { methods: [GET], paths: [/open, "/open/*", /__seen] } }]
    - from: [{ source: { serviceAccounts: [victims/friend] } }]
      to: [{ operation: { paths: [/host], hosts: [server] } }]
    - to: [{ operation: { paths: [/header] } }]
      when: [{ key: "request.headers[x-test-me]", values: ["yes"] }]
    - from: [{ source: { remoteIpBlocks: [203.0.113.0/24] } }]
      to: [{ operation: { paths: [/remote] } }]
    - from: [{ source: { principals: [cluster.local/ns/victims/sa/boss] } }]
      to: [{ operation: { paths: [/boss] } }]
    - to: [{ operation: { paths: [/user] } }]
      when: [{ key: "request.auth.claims[role]", values: [admin] }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: closed, namespace: victims }
spec:
  targetRefs: [{ group: "", kind: Service, name: server }]
  action: DENY
  rules:
    - to: [{ operation: { paths: ["/open/secret*"] } }]
    - when: [{ key: "request.headers[x-bad]", values: ["*"] }]
`;

/** What is tried, the request without its last lines, and its answer's status. */
type Trick = readonly [what: string, head: string, status: number];

const get = (target: string, fields = "", host = "server"): string =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${fields}`;
const encodedSlash = "/open/..%2fadmin";

/** Tricks of `friend`. Where the answer is 200, the pod must have seen the very path that was judged. */
export const tricks: readonly Trick[] = [
  ["what is allowed", get("/open"), 200],
  ["what is not", get("/admin"), 403],
  ["dot segments", get("/open/../admin"), 403],
  ["encoded dots", get("/open/%2e%2E/admin"), 403],
  ["encoded dots, twice", get("/open/%252e%252e/admin"), 200],
  ["an encoded slash, which stays one", get(encodedSlash), 200],
  ["backslashes", get("/open\\..\\admin"), 403],
  ["a path parameter before dots", get("/open/;/../../admin"), 403],
  ["dots behind a path parameter", get("/open/..;/admin"), 200],
  ["over-long UTF-8 for a slash", get("/open/..%c0%afadmin"), 400],
  ["over-long UTF-8 for a dot", get("/open/%c0%ae%c0%ae/admin"), 400],
  ["NUL", get("/open/%00/../admin"), 400],
  ["a path that begins encoded", get("%2fopen"), 400],
  ["a fragment", get("/open#/../admin"), 400],
  ["a question mark that is encoded", get("/admin%3f/open/x"), 403],
  ["dots up to the root and beyond", get("/open/../../../../admin"), 403],
  ["another case", get("/OPEN"), 403],
  ["a slash at the end", get("/admin/"), 403],
  ["two slashes", get("//open"), 403],
  ["an absolute target", get("http://server/admin"), 403],
  ["an absolute target without a path", get("http://server?/open"), 403],
  ["what is denied", get("/open/secret"), 403],
  ["what is denied, with a dot segment", get("/open/./secret"), 403],
  ["what is denied, encoded", get("/open/%73ecret"), 403],
  ["what is denied, by way of something else", get("/open/x/../secret/"), 403],
  ["what is denied, with a dot behind it", get("/open/secret."), 403],
  ["what is denied, with a query", get("/open/secret?/open"), 403],
  ["another method", `POST /open HTTP/1.1\r\nHost: server\r\nContent-Length: 0\r\n`, 403],
  ["a method in another case", "get /open HTTP/1.1\r\nHost: server\r\n", 403],
  [
    "a method that only its header overrides",
    get("/admin", "X-HTTP-Method-Override: GET\r\nX-Original-URL: /open\r\n"),
    403,
  ],
  ["OPTIONS for everything", "OPTIONS * HTTP/1.1\r\nHost: server\r\n", 403],
  ["CONNECT inside the tunnel", "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: server\r\n", 405],
  ["a host that is allowed", get("/host"), 200],
  ["in another case", get("/host", "", "SERVER"), 200],
  ["with a dot", get("/host", "", "server."), 403],
  ["with a port that is not named", get("/host", "", "server:8080"), 403],
  ["another host", get("/host", "", "other"), 403],
  ["another host in an absolute target", get("http://other/host"), 403],
  ["a user name before the host", get("/host", "", "server@other"), 400],
  ["two hosts", get("/host", "Host: other\r\n"), 400],
  [
    "a host in a header of its own",
    get("/host", "X-Forwarded-Host: server\r\nForwarded: host=server\r\n", "other"),
    403,
  ],
  ["a header that is asked for", get("/header", "X-Test-Me: yes\r\n"), 200],
  ["missing", get("/header"), 403],
  ["empty", get("/header", "x-test-me:\r\n"), 403],
  ["twice", get("/header", "x-test-me: yes\r\nx-test-me: no\r\n"), 403],
  ["as a list", get("/header", "x-test-me: yes,yes\r\n"), 403],
  ["with an underscore", get("/header", "x_test_me: yes\r\n"), 403],
  ["nominated by Connection", get("/header", "x-test-me: yes\r\nConnection: x-test-me\r\n"), 403],
  ["a header that is denied", get("/open", "X-BAD: 1\r\n"), 403],
  ["denied, empty", get("/open", "x-bad:\r\n"), 403],
  ["denied, twice", get("/open", "x-bad: 1\r\nx-bad: 2\r\n"), 403],
  ["an address in x-forwarded-for", get("/remote", "X-Forwarded-For: 203.0.113.9\r\n"), 403],
  [
    "in a list of them",
    get("/remote", "X-Forwarded-For: 203.0.113.9, 203.0.113.9\r\nForwarded: for=203.0.113.9\r\n"),
    403,
  ],
  ["in others", get("/remote", "X-Real-IP: 203.0.113.9\r\nX-Envoy-External-Address: 203.0.113.9\r\n"), 403],
  [
    "an identity in a header",
    get("/boss", "X-Forwarded-Client-Cert: By=x;URI=spiffe://cluster.local/ns/victims/sa/boss\r\n"),
    403,
  ],
  ["in baggage", get("/boss", "baggage: k8s.namespace.name=victims,service.name=boss\r\n"), 403],
  ["a claim in a header", get("/user", "x-jwt-claim.role: admin\r\nx-jwt-payload: eyJyb2xlIjoiYWRtaW4ifQ\r\n"), 403],
  [
    "a token without a signature",
    get("/user", "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.\r\n"),
    403,
  ],
];

const baseOf = (host: string) => [":method", "GET", ":scheme", "http", ":authority", host] as const;

/** Requests of HTTP/2 that must not arrive; `path` stands for a path that would be allowed, `host` for who is called. */
export const malformed = (path: string, host = "server"): readonly (readonly [string, readonly string[]])[] =>
  malformedOn(baseOf(host), path, host);

const malformedOn = (
  base: ReturnType<typeof baseOf>,
  path: string,
  host: string,
): readonly (readonly [string, readonly string[]])[] => [
  ["two paths", [...base, ":path", path, ":path", "/open"]],
  ["two methods", [...base, ":method", "POST", ":path", path]],
  ["a pseudo-header that nobody knows", [...base, ":path", path, ":user", "boss"]],
  ["a late pseudo-header", [...base, "x", "y", ":path", path]],
  ["a name in upper case", [...base, ":path", path, "X-Test", "y"]],
  ["a space in the path", [...base, ":path", `${path} HTTP/1.1\r\nx: y`]],
  ["an absolute path", [...base, ":path", `http://other${path}`]],
  ["no path", [...base, ":path", ""]],
  ["no method", [":scheme", "http", ":authority", host, ":path", path]],
  ["a method with a space", [":method", "GET /admin", ":scheme", "http", ":authority", host, ":path", path]],
  ["connection", [...base, ":path", path, "connection", "close"]],
  ["transfer-encoding", [...base, ":path", path, "transfer-encoding", "chunked"]],
  ["upgrade", [...base, ":path", path, "upgrade", "h2c"]],
  ["te", [...base, ":path", path, "te", "gzip"]],
  ["a host that says otherwise", [...base, ":path", path, "host", "other"]],
  ["a length without a body", [...base, ":path", path, "content-length", "5"]],
  ["two lengths", [...base, ":path", path, "content-length", "0", "content-length", "1"]],
  ["a plain CONNECT", [":method", "CONNECT", ":authority", "127.0.0.1:22"]],
  [
    "a CONNECT of a protocol that is none",
    [":method", "CONNECT", ":protocol", "h2c", ":scheme", "http", ":authority", host, ":path", path],
  ],
  ["a scheme that is none", [":method", "GET", ":scheme", "file", ":authority", host, ":path", path]],
];

/** Fields that must not arrive; the requests around them may. */
export const dropped = (path: string, host = "server"): readonly (readonly [string, readonly string[]])[] =>
  droppedOn(baseOf(host), path);

const droppedOn = (
  base: ReturnType<typeof baseOf>,
  path: string,
): readonly (readonly [string, readonly string[]])[] => [
  ["a name with a colon", [...base, ":path", path, "x:y", "z"]],
  ["a name with CR LF", [...base, ":path", path, "x\r\nhost", "z"]],
  ["CR LF in a value", [...base, ":path", path, "x", "a\r\nHost: other"]],
  ["LF in a value", [...base, ":path", path, "x", "a\nb"]],
  ["NUL in a value", [...base, ":path", path, "x", "a\0b"]],
];

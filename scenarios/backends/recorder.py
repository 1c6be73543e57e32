"""An HTTP/1.1 server in another language: answers with the request as it understood it, and remembers all of them.

GET /__seen lists what it saw. PORT says where it listens.
"""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seen = []


class Recorder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            length = 0
            while True:
                size = int(self.rfile.readline().split(b";")[0].strip() or b"0", 16)
                self.rfile.read(size)
                if size == 0:
                    while self.rfile.readline() not in (b"\r\n", b"\n", b""):
                        pass
                    break
                self.rfile.readline()
                length += size
        else:
            length = int(self.headers.get("content-length") or 0)
            self.rfile.read(length)
        if self.path == "/__seen":
            body = json.dumps(seen)
        else:
            line = f"{self.command} {self.path} {length}"
            seen.append(line)
            body = line
        data = body.encode("latin-1", "replace")
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def log_message(self, *_args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Recorder).serve_forever()

"""A proxy that sends each request to the next of several servers, as a load balancer does with replicas."""

import http.client
import http.server
import itertools
import threading
import urllib.parse

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length"}


class Alternating:
    """`with Alternating([one, two]) as url:` — every request goes to another server than the one before it."""

    def __init__(self, urls):
        self.targets = [urllib.parse.urlsplit(url).netloc for url in urls]
        self.turns = itertools.cycle(self.targets)
        self.requests = dict.fromkeys(self.targets, 0)
        self.lock = threading.Lock()

    def next_target(self):
        with self.lock:
            target = next(self.turns)
            self.requests[target] += 1
            return target

    def __enter__(self):
        alternating = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                target = alternating.next_target()
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
                connection = http.client.HTTPConnection(target, timeout=120)
                try:
                    # http.client adds Host and Content-Length.
                    connection.request(self.command, self.path, body=body or None, headers=headers)
                    answer = connection.getresponse()
                    content = answer.read()
                finally:
                    connection.close()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = forward

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

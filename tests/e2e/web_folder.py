"""A static web server on a folder, which lists it by WebDAV if it is asked to be one that does."""

import functools
import http.server
import pathlib
import threading
import urllib.parse
import xml.sax.saxutils


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PROPFIND(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        folder = pathlib.Path(self.translate_path(self.path))
        if not self.server.lists:
            return self.send_error(501)
        if not folder.is_dir():
            return self.send_error(404)
        responses = [self.response(self.path.rstrip("/") + "/", folder)]
        for path in sorted(folder.iterdir()):
            responses.append(self.response(f"{self.path.rstrip('/')}/{urllib.parse.quote(path.name)}", path))
        body = f'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">{"".join(responses)}</D:multistatus>'.encode()
        self.send_response(207)
        self.send_header("Content-Type", "application/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def response(self, href, path):
        kind = "<D:collection/>" if path.is_dir() else ""
        length = "" if path.is_dir() else f"<D:getcontentlength>{path.stat().st_size}</D:getcontentlength>"
        return (
            f"<D:response><D:href>{xml.sax.saxutils.escape(href)}</D:href><D:propstat><D:prop>"
            f"<D:resourcetype>{kind}</D:resourcetype>{length}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        )

    def do_PUT(self):
        self.server.changes.append(self.path)
        self.send_error(405)

    do_DELETE = do_PUT

    def log_message(self, *_):
        pass


class WebFolder:
    """Serves a folder until the end of the `with`; `changes` are the paths that somebody wanted to change."""

    def __init__(self, folder, lists):
        handler = functools.partial(Handler, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.lists, self.server.changes = lists, []
        self.changes = self.server.changes
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

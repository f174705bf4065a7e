"""A publisher on this machine, with faults on demand, and a cache that belongs to one test."""

import socket
import struct
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reading_neurons.corpora import fetch


class Publisher:
    """A web server on 127.0.0.1 that serves ``contents`` by path.

    ``faults[path]`` lists what happens at the first requests of a path, one entry each: a status number, ``"truncate"``
    (the body ends early), ``"drop"`` (the connection is reset half-way) or ``"stall"`` (half the body, then silence
    until ``release``). ``requests`` lists the paths that were asked for.
    """

    def __init__(self):
        self.contents, self.faults, self.requests = {}, {}, []
        self.stalled, self.release = threading.Event(), threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                publisher.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, request):
        name = request.path.removeprefix("/")
        self.requests.append(name)
        fault = self.faults[name].pop(0) if self.faults.get(name) else None
        if isinstance(fault, int) or name not in self.contents:
            request.send_error(fault or 404)
            return
        body = self.contents[name]
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body if fault is None else body[: len(body) // 2])
        request.wfile.flush()
        if fault == "stall":
            self.stalled.set()
            self.release.wait(30)
        elif fault == "drop":
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.connection.close()
        elif fault is None:
            return
        request.close_connection = True

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, no data folder, and no waiting between attempts."""
    monkeypatch.setenv(fetch.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv("READING_NEURONS_DATA", raising=False)
    monkeypatch.setattr(fetch, "RETRY_WAITS", (0.0, 0.0))
    return tmp_path / "cache"


@pytest.fixture
def publisher(cache, monkeypatch):
    """A local publisher to which every known address is redirected; a file's path is its name in ``SOURCES``."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Publisher()
    redirected = {name: replace(source, url=server.url + name) for name, source in fetch.SOURCES.items()}
    monkeypatch.setattr(fetch, "SOURCES", redirected)
    yield server
    server.close()

"""A clean environment for each test, a web server of our own, and the real data where it is here."""

import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deepmedia.datasets import fetching, probing, registry, tiers
from deepmedia.datasets.registry import RemoteFile
from deepmedia.datasets.settings import data_folder

VARIABLES = ("DEEPMEDIA_DATA", "DEEPMEDIA_OFFLINE", "DEEPMEDIA_REQUIRE_DATA")
GIVEN = {name: os.environ[name] for name in VARIABLES if name in os.environ}  # by whoever runs the tests

Answer = Callable[["Handler"], None]


@pytest.fixture(autouse=True)
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty data folder, no other setting, and a process that has fetched nothing yet."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEEPMEDIA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setattr(fetching, "_used", set())
    monkeypatch.setattr(fetching, "_right", set())
    monkeypatch.setattr(probing, "_answers", {})
    return tmp_path / "data"


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function that gives the test the real data of those names, or skips it.

    With DEEPMEDIA_REQUIRE_DATA=1 a missing file fails the test instead.
    """

    def need(*names: str) -> None:
        for variable in VARIABLES:
            monkeypatch.delenv(variable, raising=False)
        for variable, value in GIVEN.items():
            monkeypatch.setenv(variable, value)
        if GIVEN.get("DEEPMEDIA_OFFLINE") == "1":
            pytest.skip("needs real data, and DEEPMEDIA_OFFLINE=1 rules it out")
        missing = [name for name in names if not (data_folder() / name).is_file()]
        if missing and GIVEN.get("DEEPMEDIA_REQUIRE_DATA") == "1":
            pytest.fail(f"DEEPMEDIA_REQUIRE_DATA=1, and {data_folder()} lacks {', '.join(missing)}")
        if missing:
            pytest.skip(f"needs real data: python -m deepmedia.datasets {' '.join(missing[:3])}")

    return need


class Handler(BaseHTTPRequestHandler):
    """Answers each path as the test said; HTTP/1.0, so the connection ends with the answer."""

    def do_GET(self) -> None:
        server: Server = self.server  # type: ignore[assignment]
        server.requests.append(f"{self.command} {self.path}")
        with contextlib.suppress(ConnectionError):  # the other side gave up
            server.answers[self.path](self)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the base class's name
        """Keep the terminal clean."""

    def give(self, body: bytes, *, status: int = 200, length: int | None = None, **headers: str) -> None:
        """Send an answer; with a length, the header promises that instead of the body's."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """A web server on this machine alone."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str] = []
        self.answers: dict[str, Answer] = {}
        self.closing = threading.Event()

    def serve(self, path: str, answer: Answer | bytes) -> str:
        """Answer a path from now on; returns its address."""
        self.answers[path] = (lambda handler: handler.give(answer)) if isinstance(answer, bytes) else answer
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def hang(self, _: Handler) -> None:
        """An answer that does not come."""
        self.closing.wait(20)


@pytest.fixture
def server() -> Iterator[Server]:
    """The server, running."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def refused() -> str:
    """An address at which nothing listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_address[1]
    return f"http://127.0.0.1:{port}/file.bin"


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[..., RemoteFile]:
    """A function that makes a registry of one file with that content and those addresses."""
    entries: dict[str, RemoteFile] = {}
    monkeypatch.setattr(registry, "REGISTRY", entries)
    monkeypatch.setattr(tiers, "REGISTRY", entries)

    def add(content: bytes, *urls: str, name: str = "set/file.bin", via: str = "") -> RemoteFile:
        sha256 = hashlib.sha256(content).hexdigest()
        entries[name] = RemoteFile(name, urls, sha256, len(content), "none", "https://example.org", via)
        return entries[name]

    return add

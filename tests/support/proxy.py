"""What lies between a desk and its directory, and what goes wrong there, on real sockets.

`Relay` carries TCP unseen and can refuse, cut, delay, hold, swallow and truncate, switched while it
runs. `Tunnel` is a company's proxy that asks for a password. `Front` ends TLS itself, with whatever
certificate it was given, and may change what the service behind it answers. `black_hole` is an
address from which nothing ever comes back.
"""

from __future__ import annotations

import asyncio
import base64
import enum
import http.server
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self

import httpx
import trustme

from tests.support.patience import HANG_SECONDS

LOCAL = "127.0.0.1"
_PIECE = 65536
_BREATH = 0.005
"""Seconds in which a loop gets through what is pending."""
_RESET = struct.pack("HH" if os.name == "nt" else "ii", 1, 0)
"""Linger on, for no time: closing sends RST (socket(7); winsock.h has two unsigned shorts)."""


class Side(enum.Enum):
    """Which way bytes go."""

    REQUEST = "request"
    ANSWER = "answer"


class Traffic(enum.Enum):
    """What becomes of bytes."""

    PASS = "pass"
    HOLD = "hold"
    """Bytes wait until they may pass again, and then arrive late."""
    SWALLOW = "swallow"
    """Bytes are lost for good."""


@dataclass(slots=True)
class Cut:
    """Reset a connection once `after` more bytes of `side` have passed. Happens once.

    `before` is called at that moment, in the relay's thread, before anything is cut.
    """

    side: Side
    after: int = 0
    before: Callable[[], None] = lambda: None
    resets: bool = True
    done: threading.Event = field(default_factory=threading.Event)


class _Thread:
    """An event loop in a thread of its own, which a test switches from outside."""

    def __init__(self, name: str) -> None:
        # The loop that Windows has by default knows no add_reader, which the relay accepts with.
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._thread.start()

    def ask(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(HANG_SECONDS)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)  # a loop alone does not keep its tasks
        task.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        self.ask(self._cancel())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(HANG_SECONDS)
        self._loop.close()

    async def _cancel(self) -> None:
        """End everything, connections that were accepted a moment ago included."""
        await asyncio.sleep(_BREATH)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(_BREATH)


class Relay:
    """Carries TCP between a free port of this machine and `target_port`. A context manager."""

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self._thread = _Thread("relay")
        self._listener: socket.socket | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._traffic = Traffic.PASS
        self._flows = asyncio.Event()
        self._cut: Cut | None = None
        self._seconds = 0.0
        self.port = 0
        self.connections = 0

    @property
    def url(self) -> str:
        """The address of what lies behind, by way of this relay."""
        return f"https://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._thread.ask(self._listen())
        return self

    def __exit__(self, *_error: object) -> None:
        self._thread.ask(self._close())
        self._thread.end()

    # Switches, for any thread ---------------------------------------------------------------

    def pass_on(self) -> None:
        """Everything works (again): what was held arrives now."""
        self._thread.ask(self._pass_on())

    def refuse(self) -> None:
        """Nobody listens any more, and what was open is reset."""
        self._thread.ask(self._close())

    def hold(self) -> None:
        """Take bytes and deliver them only when things work again."""
        self._thread.ask(self._set(Traffic.HOLD))

    def swallow(self) -> None:
        """Take bytes and lose them: a black hole behind an open connection."""
        self._thread.ask(self._set(Traffic.SWALLOW))

    def delay(self, seconds: float) -> None:
        """Let every piece wait for `seconds`, in both directions."""
        self._seconds = seconds

    def cut(self, cut: Cut) -> Cut:
        """Arm `cut`; its `done` is set when it has happened."""
        self._cut = cut
        return cut

    # Inside ---------------------------------------------------------------------------------

    async def _listen(self) -> None:
        if self._listener is None:
            self._flows.set()
            self._listener = listener = socket.create_server((LOCAL, self.port))
            self.port = listener.getsockname()[1]
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        """Take a caller. asyncio's own server loses whom it takes while it is being closed."""
        caller, _ = listener.accept()
        caller.setblocking(False)  # noqa: FBT003 - the standard library's own form
        self.connections += 1
        self._thread.spawn(self._serve(caller))

    async def _serve(self, caller: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=caller)
        if self._listener is None:
            reset(writer)
            return
        self._writers.add(writer)
        await self._carry(reader, writer)

    async def _pass_on(self) -> None:
        await self._set(Traffic.PASS)
        self._seconds, self._cut = 0.0, None
        await self._listen()

    async def _set(self, traffic: Traffic) -> None:
        self._traffic = traffic
        if traffic is Traffic.HOLD:
            self._flows.clear()
        else:
            self._flows.set()

    async def _close(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        for writer in list(self._writers):
            reset(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far = await asyncio.open_connection(LOCAL, self._target)
        except (OSError, asyncio.CancelledError):
            self._writers.discard(writer)
            reset(writer)
            return
        pair = (writer, far)
        self._writers.update(pair)
        try:
            await asyncio.gather(
                self._pump(reader, far, Side.REQUEST, pair),
                self._pump(far_reader, writer, Side.ANSWER, pair),
            )
        finally:
            self._writers.difference_update(pair)
            for each in pair:
                each.transport.abort()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        side: Side,
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_PIECE):
                await asyncio.sleep(self._seconds)
                await self._flows.wait()
                if self._traffic is Traffic.SWALLOW:
                    continue
                data, cut = self._until_cut(side, data)
                writer.write(data)
                await writer.drain()
                if cut is not None:
                    await self._happens(cut, pair)
                    return
            if self._traffic is Traffic.PASS:
                writer.close()

    def _until_cut(self, side: Side, data: bytes) -> tuple[bytes, Cut | None]:
        cut = self._cut
        if cut is None or cut.side is not side:
            return data, None
        if len(data) <= cut.after:
            cut.after -= len(data)
            return data, None
        self._cut = None
        return data[: cut.after], cut

    async def _happens(
        self, cut: Cut, pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    ) -> None:
        cut.before()
        for each in pair:
            if cut.resets:
                reset(each)
            else:
                each.close()
        cut.done.set()


def reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection as a pulled plug does: RST, nothing flushed."""
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


class Tunnel:
    """An HTTP proxy that speaks CONNECT and wants `user` and `password`.

    Every host name leads to `target_port` of this machine: the name is what a client asked for, not
    something that exists.
    """

    def __init__(self, target_port: int, user: str, password: str) -> None:
        self._target = target_port
        self._wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._thread = _Thread("tunnel")
        self._server: asyncio.Server | None = None
        self.refused = 0
        self.opened: list[str] = []
        self.port = 0

    def lead_to(self, target_port: int) -> None:
        """Lead to another port from now on."""
        self._target = target_port

    def __enter__(self) -> Self:
        self._thread.start()
        self._thread.ask(self._listen())
        return self

    def __exit__(self, *_error: object) -> None:
        self._thread.ask(self._close())
        self._thread.end()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, LOCAL, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._thread.spawn(self._answer(reader, writer))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, OSError):
            writer.close()
            return
        if f"proxy-authorization: {self._wanted}".lower() not in head.lower():
            self.refused += 1
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="corporate"\r\nContent-Length: 0\r\n\r\n'
            )
            writer.close()
            return
        self.opened.append(head.split(" ")[1])
        try:
            far_reader, far = await asyncio.open_connection(LOCAL, self._target)
        except OSError:
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_copy(reader, far), _copy(far_reader, writer))
        finally:
            for each in (writer, far):
                each.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_PIECE):
            writer.write(data)
            await writer.drain()
    writer.close()


class Interceptor:
    """A proxy that opens TLS: it shows a certificate of its own for whatever name is asked for.

    `read` are the request lines that it got to see, which only a client that trusts `authority`
    shows it. Each is answered with `answer`. `asked` are the names that tunnels were asked for.
    """

    def __init__(self, answer: bytes = b"{}") -> None:
        self.authority = trustme.CA(organization_name="An interceptor's own CA")
        self.read: list[str] = []
        self.asked: list[str] = []
        self._answer = answer
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._server = socket.create_server((LOCAL, 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="interceptor")

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOCAL}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(HANG_SECONDS)

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream: socket.socket) -> None:
        with stream, suppress(OSError):
            stream.settimeout(20)
            head = stream.recv(_PIECE).decode("latin-1")
            name = head.split(" ")[1].rpartition(":")[0]
            self.asked.append(name)
            stream.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with self._context_for(name).wrap_socket(stream, server_side=True) as secured:
                self.read.append(secured.recv(_PIECE).decode("latin-1").split("\r\n")[0])
                length = len(self._answer)
                told = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                secured.sendall(told.encode() + self._answer)

    def _context_for(self, name: str) -> ssl.SSLContext:
        if name not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.authority.issue_cert(name).configure_cert(context)
            self._contexts[name] = context
        return self._contexts[name]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on its way to the station."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the front received it."""

    method: str
    path: str
    body: bytes = field(repr=False)
    authorization: str = field(default="", repr=False)


Edit = Callable[[Asked, Reply], Reply]


class Front:
    """An HTTPS server of its own before the service at `target`, with a certificate for `names`.

    `authority` signs that certificate: whoever does not trust it must not talk to this server.
    `edit`, which may be changed at any time, sees each request and its true answer and gives the
    answer that goes out: the service has acted by then. An answer that `drips` picks comes one
    letter at a time and never ends.
    """

    def __init__(self, target: str, target_ca: str, *names: str) -> None:
        self.authority = trustme.CA(organization_name="A front's own CA")
        self.edit: Edit = lambda _asked, reply: reply
        self.drips: Callable[[Asked], bool] = lambda _asked: False
        self.over = threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*names).configure_cert(context)
        trusted = ssl.create_default_context(cafile=target_ca)
        self._client = httpx.Client(
            verify=trusted, base_url=target, trust_env=False, timeout=HANG_SECONDS
        )
        self._server = _server(self, self._client, context)
        self._thread = threading.Thread(target=self._server.serve_forever, name="front")
        self.port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        """The address of what lies behind, by way of this front."""
        return f"https://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(HANG_SECONDS)
        self._client.close()


def named_as(host: str, base: str) -> Edit:
    """Let the sign-in document of the service at `base` name its addresses on `host`."""

    def edit(asked: Asked, reply: Reply) -> Reply:
        if not asked.path.endswith("/openid-configuration"):
            return reply
        return replace(reply, body=reply.body.replace(base.encode(), f"https://{host}".encode()))

    return edit


class _TlsServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the connection's own thread; who does not trust us just goes."""
        with suppress(OSError), self.context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)


def _server(
    front: Front, client: httpx.Client, context: ssl.SSLContext
) -> http.server.ThreadingHTTPServer:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            sent = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
            try:
                true = client.request(self.command, self.path, headers=sent, content=body)
            except httpx.HTTPError:  # the service cut the connection, and so does the front
                self.close_connection = True
                return
            headers = {k: v for k, v in true.headers.items() if k.lower() not in _HOP}
            reply = Reply(true.status_code, headers, true.content)
            asked = Asked(self.command, self.path, body, self.headers.get("authorization", ""))
            if front.drips(asked):
                self._drip()
                return
            reply = front.edit(asked, reply)
            self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != http.HTTPStatus.NO_CONTENT:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def _drip(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
                while not front.over.wait(0.02):
                    self.wfile.write(b"x")

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    server = _TlsServer((LOCAL, 0), Handler)
    server.context = context
    return server


_HOP = frozenset({"host", "content-length", "content-encoding", "connection", "accept-encoding"})


@contextmanager
def black_hole(port: int, host: str = "::1") -> Iterator[None]:
    """Make connecting to `port` of `host` take for ever: its queue is full and nobody accepts.

    Raises OSError where this machine has no such address, or cannot fill a queue (it is Linux that
    drops what does not fit).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    waiting: list[socket.socket] = []
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind((host, port))
        listener.listen(0)
        try:
            while _joins(waiting, family, host, port):
                pass
            yield
        finally:
            for each in waiting:
                each.close()


def _joins(waiting: list[socket.socket], family: int, host: str, port: int) -> bool:
    """Queue one more caller; False once the queue is full."""
    caller = socket.socket(family, socket.SOCK_STREAM)
    waiting.append(caller)
    caller.settimeout(0.2)
    try:
        caller.connect((host, port))
    except TimeoutError:
        return False
    if len(waiting) > 8:
        raise OSError("this system's queue does not fill up")
    return True


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
        return port


def on_posix() -> bool:
    """Whether this machine knows signals and queues as these tests use them."""
    return os.name == "posix"

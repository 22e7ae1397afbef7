"""A narrow way to a server on loopback: a TCP proxy that lets only so many bytes a second pass towards it."""

import contextlib
import socket
import threading
import time

_PIECE = 16 * 1024
_REMEMBERED = 1024 * 1024


class Strait:
    """Open from the beginning to close(); `rate` is bytes a second for all connections together, None: all."""

    def __init__(self, port: int, rate: float | None = None):
        self.rate = rate
        self.passed = 0    # bytes that went towards the server
        self.seen = b""    # the first of them
        self._server = ("127.0.0.1", port)
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._closed = False
        self._door = socket.create_server(("127.0.0.1", 0))
        # Little room, so that what was sent is on its way, and does not wait here.
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * _PIECE)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def close(self) -> None:
        """Ends every connection, and takes no other: to a client the server is gone."""
        with self._lock:
            self._closed = True
            _end(self._door)
        self.break_connections()

    def break_connections(self) -> None:
        """Ends every connection; there may be others."""
        with self._lock:
            for each in self._sockets:
                _end(each)
            self._sockets.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._connect(self._door.accept()[0])

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._server)
        except OSError:
            client.close()
            return
        with self._lock:
            self._sockets += [client, server]
            if self._closed:
                client.close()
                server.close()
                return
        threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
        threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, narrow: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                if narrow:
                    self._wait_for_turn(piece)
                sink.sendall(piece)
        # Either end's end is the other's.
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def _wait_for_turn(self, piece: bytes) -> None:
        with self._turn:
            if self.rate:
                time.sleep(len(piece) / self.rate)
            self.passed += len(piece)
            self.seen = (self.seen + piece)[:_REMEMBERED]


def _end(each: socket.socket) -> None:
    # Closing alone would not wake a thread that waits for it.
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()

"""An HTTP proxy on loopback that tunnels (CONNECT, RFC 9110 §9.3.6), and remembers where to."""

import contextlib
import socket
import threading

_PIECE = 64 * 1024
_MOST_HEAD = 64 * 1024


class ConnectProxy:
    """Open from the beginning to close(). `refusal`: the status line it answers everything with, instead."""

    def __init__(self, refusal: str = ""):
        self.refusal = refusal
        self.asked: list[str] = []  # the request lines
        self.seen = b""             # what clients sent through it
        self._door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._door.accept()[0],), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head and len(head) < _MOST_HEAD:
                piece = client.recv(_PIECE)
                if not piece:
                    return
                head += piece
            line = head.split(b"\r\n")[0].decode()
            self.asked.append(line)
            method, target, _ = line.split(" ")
            if self.refusal or method != "CONNECT":
                client.sendall(f"HTTP/1.1 {self.refusal or '405 Method Not Allowed'}\r\nContent-Length: 0\r\n\r\n".encode())
                return
            host, _, port = target.rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                while piece := client.recv(_PIECE):
                    self.seen += piece
                    server.sendall(piece)
                with contextlib.suppress(OSError):
                    server.shutdown(socket.SHUT_WR)
                back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)

"""Runs a command and tells what it cost: wall time, its own CPU and that of its children, its memory."""

import dataclasses
import os
import pathlib
import subprocess
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Cost:
    wall: float  # seconds
    own_cpu: float  # seconds, of the process itself
    children_cpu: float  # seconds, of the processes it waited for
    peak_rss: int  # bytes, of the process itself


def run(argv: list[str], log: pathlib.Path) -> Cost:
    """Runs `argv` to a successful end; its output goes to `log`."""
    with log.open("wb") as out:
        began = time.monotonic()
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        peak = [0]
        watcher = threading.Thread(target=_watch_memory, args=(child.pid, peak))
        watcher.start()
        # Seen dead but not yet buried: the kernel still tells own and children's time apart.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        wall = time.monotonic() - began
        fields = pathlib.Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        utime, stime, cutime, cstime = (int(field) / TICKS for field in fields[11:15])
        watcher.join()
        if child.wait() != 0:
            raise SystemExit(f"{argv[0]} failed:\n{log.read_text(errors='replace')}")
    return Cost(wall, utime + stime, cutime + cstime, peak[0])


def _watch_memory(pid: int, peak: list[int]) -> None:
    """Keeps the high-water mark of a process's resident memory until it ends."""
    while True:
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        marks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        if not marks:
            return
        peak[0] = int(marks[0]) * 1024
        time.sleep(0.02)

"""Tests that memory stays flat, however much passes through: bodies go to disk, not through memory."""

import time
import unittest
from pathlib import Path

import measure
from served import VICTIM, ServedCase

_PACKET = b"\x47\x1f\xff\x10" + b"\xff" * 184  # a null packet (ISO/IEC 13818-1 §2.4.3.2)
_PADDING = 120 << 20
_MOST = 64 << 10  # KiB


def peak(pid: int) -> int:
    """The most memory that a process has had so far, in KiB; 0 once it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


class Memory(ServedCase):
    def test_a_large_segment_does_not_pass_through_memory(self):
        copy = self.serve_copy()
        with (copy / VICTIM).open("ab") as segment:
            segment.write(_PACKET * (_PADDING // len(_PACKET)))
        process = self.start(*self.command("--start", "5", "--end", "6"))
        most = 0
        while process.poll() is None:
            most = max(most, peak(process.pid))
            time.sleep(0.02)
        self.assert_done(self.finish(process))
        measure.check_exact(self, measure.measure(self.clip), self.source, 5, 6)
        self.assertGreater(self.server.sent(VICTIM), _PADDING)
        self.assertGreater(most, 0)
        self.assertLess(most, _MOST)


if __name__ == "__main__":
    unittest.main()

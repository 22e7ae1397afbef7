"""Takes the audio out of an MPEG transport stream and leaves every other packet as it was (ISO/IEC 13818-1)."""

_PACKET = 188
_NULL_PID = 0x1FFF
_AUDIO_TYPES = {0x0F}  # stream_type of ADTS AAC, table 2-34


def without_audio(stream: bytes) -> bytes:
    """The stream as if it never had audio: its packets become null packets, the PMT lists it no more."""
    packets = [stream[i:i + _PACKET] for i in range(0, len(stream), _PACKET)]
    tables = _map_pids(packets)
    audio = {pid for p in packets if _pid(p) in tables for pid in _audio_pids(p)}
    return b"".join(_null_packet() if _pid(p) in audio else _without_entries(p) if _pid(p) in tables else p
                    for p in packets)


def _pid(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "big") & 0x1FFF


def _null_packet() -> bytes:
    return b"\x47" + _NULL_PID.to_bytes(2, "big") + b"\x10" + b"\xff" * (_PACKET - 4)


def _map_pids(packets: list[bytes]) -> set[int]:
    """Where the PAT says that program maps are."""
    pids = set()
    for packet in packets:
        if _pid(packet) == 0:
            section = _section(packet)
            entries = section[8:-4]
            pids |= {int.from_bytes(entries[i + 2:i + 4], "big") & 0x1FFF for i in range(0, len(entries), 4)}
    return pids


def _section(packet: bytes) -> bytes:
    """The one section in a packet that has no adaptation field; ffmpeg writes tables so."""
    if packet[3] >> 4 & 3 != 1 or packet[4] != 0:
        raise ValueError("a table that does not begin its packet")
    length = 3 + (int.from_bytes(packet[6:8], "big") & 0xFFF)
    return packet[5:5 + length]


def _entries(section: bytes) -> list[bytes]:
    """The elementary streams of a program map, each with its descriptors."""
    at = 12 + (int.from_bytes(section[10:12], "big") & 0xFFF)
    entries = []
    while at < len(section) - 4:
        size = 5 + (int.from_bytes(section[at + 3:at + 5], "big") & 0xFFF)
        entries.append(section[at:at + size])
        at += size
    return entries


def _audio_pids(packet: bytes) -> list[int]:
    return [int.from_bytes(e[1:3], "big") & 0x1FFF for e in _entries(_section(packet)) if e[0] in _AUDIO_TYPES]


def _without_entries(packet: bytes) -> bytes:
    """A program map's packet without its audio streams."""
    section = _section(packet)
    entries = _entries(section)
    head = section[:len(section) - 4 - sum(map(len, entries))]
    body = head + b"".join(e for e in entries if e[0] not in _AUDIO_TYPES)
    body = body[:1] + (section[1] << 8 & 0xF000 | len(body) + 4 - 3).to_bytes(2, "big") + body[3:]
    return (packet[:5] + body + _crc(body).to_bytes(4, "big")).ljust(_PACKET, b"\xff")


def _crc(data: bytes) -> int:
    """CRC-32 as sections carry it (annex A)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc

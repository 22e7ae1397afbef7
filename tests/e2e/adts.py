"""Reads an ADTS stream frame by frame (ISO/IEC 13818-7 §6.2)."""


def frames(stream: bytes) -> list[bytes]:
    """The frames of a stream, each with its header."""
    found, at = [], 0
    while at < len(stream):
        length = int.from_bytes(stream[at + 3:at + 6], "big") >> 5 & 0x1FFF
        found.append(stream[at:at + length])
        at += length
    return found

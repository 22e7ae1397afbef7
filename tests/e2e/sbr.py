"""Adds spectral band replication to stereo AAC-LC in ADTS, which makes it HE-AAC (ISO/IEC 14496-3 §4.4.2.8).

It is signalled implicitly, as in every transport stream: the header goes on to speak of AAC-LC at
half the rate, and a decoder that knows SBR finds it and puts out twice as many samples.
"""

DELAY = 481  # samples at the rate of the core, by which a decoder of SBR puts all out later than one of AAC-LC

_HEADER = 7            # bytes of an ADTS header without CRC
_END = "111"           # ID_END
_FILL = "110"          # ID_FIL
_EXT_SBR_DATA = 13
_START_FREQ, _STOP_FREQ = 15, 14
# With these and the defaults of all else, 48 kHz puts the replicated bands into the octave from QMF
# subband 31 (11.6 kHz) to 62 (§4.6.18.3): far from the reference audio, which stays the core's alone.
_ENVELOPE_BANDS = 5    # of low resolution
_NOISE_BANDS = 2
_QUIETEST_ENVELOPE, _QUIETEST_NOISE = 0, 30
_SAME_LEVEL, _SAME_NOISE = "00", "0"  # Huffman codes of a band as loud as the one below it


def with_sbr(frame: bytes) -> bytes:
    """The ADTS frame of one raw data block with SBR data behind its channel pair."""
    if not frame[1] & 1 or frame[6] & 3:
        raise ValueError("an ADTS frame with a CRC or of several raw data blocks")
    # What aligns the block to a byte is zeros, so that its last ones are ID_END.
    block = f"{int.from_bytes(frame, 'big'):0{8 * len(frame)}b}"[8 * _HEADER:].rstrip("0")
    if not block.endswith(_END):
        raise ValueError("a raw data block without ID_END")
    block = _aligned(block[:-len(_END)] + _fill_element() + _END)
    size = _HEADER + len(block) // 8
    header = int.from_bytes(frame[:_HEADER], "big") & ~(0x1FFF << 13) | size << 13
    return header.to_bytes(_HEADER, "big") + int(block, 2).to_bytes(len(block) // 8, "big")


def _fill_element() -> str:
    payload = _aligned(_bits(4, _EXT_SBR_DATA) + "1" + _header() + _channel_pair())
    return _FILL + _bits(4, len(payload) // 8) + payload


def _header() -> str:
    """sbr_header() (table 4.63), in every frame: a decoder may begin at any."""
    return (_bits(1, 0)                                         # bs_amp_res: steps of 1.5 dB
            + _bits(4, _START_FREQ) + _bits(4, _STOP_FREQ)
            + _bits(3, 0)                                       # bs_xover_band
            + _bits(2, 0) + "0" + "0")                          # reserved, no more of a header


def _channel_pair() -> str:
    """sbr_channel_pair_element() (table 4.66): two channels apart, each next to silent."""
    grid = _bits(2, 0) + _bits(2, 0) + "0"                      # FIXFIX, one envelope, low resolution
    along_frequency = "0" + "0"                                 # of envelope and noise
    inverse_filtering = _bits(2, 0) * _NOISE_BANDS              # none
    envelope = _bits(7, _QUIETEST_ENVELOPE) + _SAME_LEVEL * (_ENVELOPE_BANDS - 1)
    noise = _bits(5, _QUIETEST_NOISE) + _SAME_NOISE * (_NOISE_BANDS - 1)
    return ("0" + "0"                                           # bs_data_extra, bs_coupling
            + 2 * grid + 2 * along_frequency + 2 * inverse_filtering + 2 * envelope + 2 * noise
            + 2 * "0" + "0")                                    # bs_add_harmonic_flag, bs_extended_data


def _bits(count: int, value: int) -> str:
    return f"{value:0{count}b}"


def _aligned(bits: str) -> str:
    return bits + "0" * (-len(bits) % 8)

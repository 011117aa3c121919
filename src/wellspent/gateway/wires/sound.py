"""Whether a piece of audio has a byte at least for each of its tokens (RIFF/WAVE, "fmt " chunk; ISO 11172-3 and 13818-3, frame header; ID3v2.4).

Providers count audio by its length: 10 tokens a second at OpenAI, 32 at Gemini (their audio guides). Silence that is well compressed, or a
sample rate that nobody can hear, makes hours out of a kilobyte; so bytes bound plain WAV and MP3 alone, whose slowest forms are known.
"""

import base64
import binascii
import struct

HEAD_BYTES = 36
PLAIN = (1, 3)  # PCM of integers, of floats
RATE_HZ_MIN = 4_000


def bounded_by_bytes(data: object) -> bool:
    """Whether these bytes, in base64, are plain WAV or MP3. Whatever cannot be read is not."""
    if not isinstance(data, str):
        return False
    head = _bytes_at(data, 0, HEAD_BYTES)
    if head[:4] == b"RIFF" and head[8:16] == b"WAVEfmt " and len(head) == HEAD_BYTES:
        codec, channels, rate_hz, _bytes_each_second, step, _bits = struct.unpack("<HHIIHH", head[20:36])
        return codec in PLAIN and channels > 0 and step > 0 and rate_hz >= RATE_HZ_MIN
    if head[:3] == b"ID3" and len(head) >= 10:
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        head = _bytes_at(data, 10 + size, 4)
    return _starts_a_frame(head)


def _starts_a_frame(head: bytes) -> bool:
    """An MP3 frame of a listed bit rate: 8 kbit/s are 1,000 bytes a second."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # the mark, and layer III
        return False
    return head[1] & 0x18 != 0x08 and 0 < head[2] >> 4 < 15 and head[2] & 0x0C != 0x0C


def _bytes_at(data: str, start: int, count: int) -> bytes:
    """So many bytes from there on; fewer where it ends, none where it is no base64."""
    first = start // 3 * 4
    piece = data[first : first + (count // 3 + 2) * 4].replace("-", "+").replace("_", "/")
    piece = piece.rstrip("=")
    try:
        decoded = base64.b64decode(piece[: len(piece) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        return b""
    return decoded[start % 3 :][:count]

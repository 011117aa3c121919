"""Audio whose length its bytes do not tell must not talk a prompt's bound down."""

import base64
import io
import json
import struct
import wave
from typing import Any

import pytest

from wellspent.gateway.wires.base import Wire
from wellspent.gateway.wires.gemini import Gemini
from wellspent.gateway.wires.openai_chat import OpenAIChat
from wellspent.gateway.wires.sound import bounded_by_bytes

FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # MPEG 1, layer III, 128 kbit/s, 44.1 kHz


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def wav(rate_hz: int, frames: int = 100) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(rate_hz)
        writer.writeframes(bytes(frames))
    return file.getvalue()


def tagged(inner: bytes, tag_bytes: int = 300) -> bytes:
    return b"ID3\x04\x00\x00" + bytes([0, 0, tag_bytes >> 7, tag_bytes & 0x7F]) + b"\xff" * tag_bytes + inner


@pytest.mark.parametrize(
    "data", [wav(8_000), wav(44_100), FRAME, b"\xff\xe3\x18\xc4" + bytes(68), *(tagged(FRAME, size) for size in range(300, 304))]
)
def test_plain_wav_and_mp3_are_bounded_by_their_bytes(data: bytes) -> None:
    assert bounded_by_bytes(encoded(data))
    assert bounded_by_bytes(base64.urlsafe_b64encode(data).decode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfb\x90",
        wav(1),
        wav(3_999),
        wav(8_000)[:30],
        wav(8_000).replace(b"fmt ", b"JUNK"),
        wav(8_000)[:20] + struct.pack("<H", 2) + wav(8_000)[22:],  # compressed
        wav(8_000)[:32] + b"\0\0" + wav(8_000)[34:],  # samples without a size
        tagged(b"fLaC" + bytes(100)),
        tagged(FRAME)[:200],
        b"fLaC" + bytes(100),
        b"OggS" + bytes(100),
        b"\xff\xfb\x00\x00" + bytes(100),  # a bit rate of its own
        b"\xff\xfb\xf0\x00",
        b"\xff\xeb\x90\x00",
        b"\xff\xfb\x9c\x00",
        b"\xff\xf1\x50\x80",  # AAC
    ],
)
def test_other_audio_is_not(data: bytes) -> None:
    assert not bounded_by_bytes(encoded(data))


@pytest.mark.parametrize("data", [None, 7, ["/+"], "%%%%" * 20, " " + encoded(FRAME), "\ud800" * 80, "é" * 80])
def test_what_is_no_base64_is_not(data: Any) -> None:
    assert not bounded_by_bytes(data)


@pytest.mark.parametrize(
    ("wire", "part"),
    [
        (OpenAIChat(), lambda data: {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}),
        (Gemini(), lambda data: {"inlineData": {"mimeType": "audio/wav", "data": data}}),
    ],
)
def test_a_kilobyte_of_hours_is_bounded_by_the_context_window(wire: Wire, part: Any) -> None:
    for data, sure in ((wav(8_000), True), (wav(1), False)):
        payload = {"messages": [{"role": "user", "content": [part(encoded(data))]}], "contents": [{"parts": [part(encoded(data))]}]}
        body = json.dumps(payload).encode()
        found = wire.ask(payload, body, "m", "")
        assert (found.input_tokens_max, found.audio_in) == (len(body) if sure else None, True)

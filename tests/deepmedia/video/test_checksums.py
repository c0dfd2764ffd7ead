"""CRC32C of many strings at once is that of each, bit by bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmedia.video.checksums import MULTIPLE, crc32c, crc32c_of_short, masked

POLYNOMIAL = 0x11EDC6F41  # Castagnoli's, with its highest bit, highest power first


def bit_by_bit(message):
    remainder = 0xFFFFFFFF
    for byte in message:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F63B78 if remainder & 1 else 0)
    return remainder ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("message", "expected"),  # RFC 3720, appendix B.4
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"123456789", 0xE3069283),
    ],
)
def test_the_standards_own_cases(message, expected):
    assert crc32c([message]).tolist() == [expected]
    assert crc32c_of_short(message) == expected


@given(st.lists(st.binary(max_size=700), max_size=5))
def test_strings_of_any_lengths_together(messages):
    assert crc32c(messages).tolist() == [bit_by_bit(message) for message in messages]


@pytest.mark.parametrize("length", [289, 290, 291, 444, 445, 2319, 2320, 2321, 18559, 18560, 18561, 30000])
def test_where_the_folding_begins_and_ends(length):
    message = np.random.default_rng(length).bytes(length)
    assert crc32c([message, message[1:]]).tolist() == [bit_by_bit(message), bit_by_bit(message[1:])]


def test_the_sparse_polynomial_is_a_multiple():
    # long division over the field of two elements, from the highest power down
    rest = sum(1 << exponent for exponent in MULTIPLE)
    while rest.bit_length() >= 33:
        rest ^= POLYNOMIAL << (rest.bit_length() - 33)
    assert rest == 0


def test_masking_turns_and_adds():
    assert masked(np.array([0, 1 << 15], np.uint32)).tolist() == [0xA282EAD8, 0xA282EAD9]
    assert masked(np.array([0xFFFFFFFF], np.uint32)).tolist() == [0xA282EAD7]  # modulo 2^32

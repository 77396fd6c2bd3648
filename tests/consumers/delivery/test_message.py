import json
from dataclasses import replace

from hypothesis import given

from consumers.delivery.message import PICTURE_BYTES, pack, unpack
from tests.consumers.delivery.examples import MESSAGE, messages


@given(messages)
def test_what_is_written_down_is_read_back(message):
    written = json.loads(json.dumps(pack(message)))
    assert unpack(written) == replace(message, picture=message.picture or None)


def test_a_large_picture_is_not_written_down_with_the_state():
    assert unpack(pack(replace(MESSAGE, picture=b"x" * PICTURE_BYTES))).picture is not None
    assert unpack(pack(replace(MESSAGE, picture=b"x" * (PICTURE_BYTES + 1)))).picture is None


def test_an_id_stays_the_same_and_is_unique_in_an_episode():
    assert MESSAGE.id == replace(MESSAGE, text="other").id
    assert MESSAGE.id != replace(MESSAGE, number=2).id

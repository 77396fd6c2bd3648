import json
from dataclasses import replace

from hypothesis import given

from consumers.delivery.message import pack, unpack
from tests.consumers.delivery.examples import MESSAGE, messages


@given(messages)
def test_what_is_written_down_is_read_back(message):
    written = json.loads(json.dumps(pack(message)))
    assert unpack(written) == replace(message, picture=None), "a picture is drawn from the curve when it is sent"


def test_what_was_written_before_there_were_curves_is_read():
    assert unpack(pack(MESSAGE)[:-2]) == MESSAGE


def test_an_id_stays_the_same_and_is_unique_in_an_episode():
    assert MESSAGE.id == replace(MESSAGE, text="other").id
    assert MESSAGE.id != replace(MESSAGE, number=2).id

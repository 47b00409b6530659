import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import decode_key
from app.crypto import CannotOpen, KeyRing, key_id, new_key

OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32
PLACE = "accounts.phone:uid"
ALGORITHMS = ["aes-256-gcm", "sm4-gcm"]


@pytest.fixture(params=ALGORITHMS, scope="module")
def ring(request):
    return KeyRing([NEW], INDEX, request.param)


@given(text=st.text(), place=st.text())
def test_what_was_sealed_opens(ring, text, place):
    assert ring.open(ring.seal(text, place), place) == text


@given(text=st.text(min_size=4), place=st.text(), other=st.text())
def test_a_value_that_was_moved_does_not_open(ring, text, place, other):
    sealed = ring.seal(text, place)
    if other != place:
        with pytest.raises(CannotOpen):
            ring.open(sealed, other)


@given(place=st.integers(0, 200), bit=st.integers(0, 7))
def test_a_value_that_was_changed_does_not_open(ring, place, bit):
    head, _, packed = ring.seal("13800000001", PLACE).rpartition(".")
    raw = bytearray(base64.b64decode(packed))
    raw[place % len(raw)] ^= 1 << bit
    with pytest.raises(CannotOpen):
        ring.open(f"{head}.{base64.b64encode(raw).decode()}", PLACE)


@given(st.one_of(st.text(), st.from_regex(rf"(aes-256-gcm|sm4-gcm|none)\.{key_id(NEW)}\.[A-Za-z0-9+/=]*")))
def test_rubbish_does_not_open_and_raises_nothing_else(ring, rubbish):
    with pytest.raises(CannotOpen):
        ring.open(rubbish, PLACE)


def test_equal_values_are_sealed_differently(ring):
    assert ring.seal("13800000001", PLACE) != ring.seal("13800000001", PLACE)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_key_and_algorithm_stand_beside_the_value_and_nothing_of_it(algorithm):
    sealed = KeyRing([NEW], INDEX, algorithm).seal("13800000001", PLACE)
    assert sealed.startswith(f"{algorithm}.{key_id(NEW)}.")
    assert "13800000001" not in sealed
    assert base64.b64encode(b"13800000001").decode()[:12] not in sealed


@pytest.mark.parametrize("before", ALGORITHMS)
@pytest.mark.parametrize("after", ALGORITHMS)
def test_old_values_open_after_key_and_algorithm_changed(before, after):
    sealed = KeyRing([OLD], INDEX, before).seal("张三", PLACE)
    rotated = KeyRing([NEW, OLD], INDEX, after)
    assert rotated.open(sealed, PLACE) == "张三"
    assert not rotated.is_current(sealed)
    assert rotated.is_current(rotated.seal("张三", PLACE))


def test_a_key_that_left_the_ring_opens_nothing():
    sealed = KeyRing([OLD], INDEX).seal("张三", PLACE)
    with pytest.raises(CannotOpen):
        KeyRing([NEW], INDEX).open(sealed, PLACE)


def test_a_value_sealed_by_one_algorithm_is_not_taken_for_the_other():
    sealed = KeyRing([NEW], INDEX, "aes-256-gcm").seal("张三", PLACE)
    with pytest.raises(CannotOpen):
        KeyRing([NEW], INDEX).open(sealed.replace("aes-256-gcm", "sm4-gcm"), PLACE)


@given(one=st.text(), other=st.text())
def test_the_index_finds_equal_values_of_one_kind_only(one, other):
    ring = KeyRing([NEW], INDEX)
    assert (ring.index("phone", one) == ring.index("phone", other)) == (one == other)
    assert ring.index("phone", one) != ring.index("id_number", one)


def test_the_index_depends_on_its_key_and_outlives_the_ring():
    assert KeyRing([NEW], INDEX).index("phone", "1") == KeyRing([OLD], INDEX).index("phone", "1")
    assert KeyRing([NEW], INDEX).index("phone", "1") != KeyRing([NEW], b"j" * 32).index("phone", "1")


def test_a_new_key_is_one_that_the_settings_take():
    assert len({decode_key(new_key()) for _ in range(20)}) == 20

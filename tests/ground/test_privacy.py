import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app import crypto, models
from app.privacy import (
    MASKS,
    PERSONAL,
    SECRET,
    Sealed,
    data_class,
    mask_id_number,
    mask_name,
    mask_phone,
    new_uid,
    sealed_columns,
    sealed_info,
)


class Base(DeclarativeBase):
    """Apart from the product's tables."""


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), default=new_uid)
    phone_sealed: Mapped[str | None] = mapped_column(String(255), info=sealed_info(PERSONAL, "phone"))
    phone_index: Mapped[str | None] = mapped_column(String(32), info=SECRET)
    phone = Sealed(index="phone")


@pytest.fixture(autouse=True)
def ring(settings):
    """The ring of the tests' settings, which the application of other tests has installed, too."""
    privacy = settings().privacy
    crypto.install(crypto.KeyRing(privacy.ring, crypto.base64.b64decode(privacy.index_key)))


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳修", "欧阳*"),
        ("司马相如", "司马**"),
        ("欧阳", "欧*"),
        ("诸葛孔明", "诸葛**"),
        ("李", "李*"),
        ("古丽娜尔·买买提", "古*******"),
        ("𠮷田", "𠮷*"),
        ("", "*"),
    ],
)
def test_a_name_shows_its_surname(name, masked):
    assert mask_name(name) == masked


def test_a_phone_shows_three_and_four_digits():
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("12345") == "*****"


def test_an_id_number_shows_its_last_four():
    assert mask_id_number("21020219900101001X") == "**************001X"
    assert mask_id_number("1234") == "****"


@given(st.sampled_from(sorted(MASKS)), st.text(st.characters(exclude_characters="*"), min_size=4, max_size=40))
def test_no_mask_shows_all(kind, text):
    assert MASKS[kind](text) != text


def test_a_sealed_attribute_reads_as_it_was_written():
    person = Person()
    person.phone = "13800000001"
    assert person.phone == "13800000001"
    assert "13800000001" not in person.phone_sealed
    assert person.phone_index == crypto.ring().index("phone", "13800000001")


def test_an_emptied_attribute_leaves_nothing():
    person = Person()
    person.phone = "13800000001"
    person.phone = ""
    assert (person.phone, person.phone_sealed, person.phone_index) == ("", None, None)


def test_a_value_copied_to_another_person_does_not_open():
    one, other = Person(), Person()
    one.phone, other.phone = "13800000001", "13800000002"
    other.phone_sealed = one.phone_sealed
    with pytest.raises(crypto.CannotOpen):
        _ = other.phone


def test_every_column_of_the_product_names_its_class():
    silent = [
        f"{table.name}.{column.name}"
        for table in models.metadata.tables.values()
        for column in table.columns
        if column.info.get("data_class") not in ("none", "personal", "sensitive", "secret")
    ]
    assert silent == []


#: Their personal columns are about somebody to call, who need not have an account.
OF_NO_ACCOUNT = {"organizations", "activities"}


def test_every_table_with_personal_data_names_the_person():
    silent = [
        table.name
        for table in models.metadata.tables.values()
        if table.name not in OF_NO_ACCOUNT
        and any(data_class(column) in ("personal", "sensitive") for column in table.columns)
        and table.info.get("person", "") not in table.columns
    ]
    assert silent == []


def test_what_is_sealed_has_room_and_a_mask():
    for table in models.metadata.tables.values():
        for column in sealed_columns(table):
            assert column.info["mask"] in MASKS, column
            assert getattr(column.type, "length", None) is None or column.type.length >= 120, column
            assert "uid" in table.columns, column

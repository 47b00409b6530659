"""Small things of the callback that nobody sees until they are wrong."""

from app.wechat import xml
from app.wechat.callback import PATH
from tests.wechat.account import Door, text_push


def test_inner_elements_that_repeat_are_all_kept() -> None:
    """subscribe_msg_popup_event has a List for each template that was asked about."""
    fields = xml.read(b"<xml><E><List><a>1</a></List><List><a>2</a></List></E></xml>")
    assert fields == {"E": {"List": [{"a": "1"}, {"a": "2"}]}}


def test_a_plain_account_answers_in_clear_whatever_the_query_adds() -> None:
    door = Door()
    query = door.query() | {"encrypt_type": "aes"}
    answer = door.client.post(PATH, query_string=query, data=text_push("活动").encode())
    assert "Content" in door.read(answer)

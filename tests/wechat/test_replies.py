"""What the account says, and that it arrives as it was meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from app.config import ConfigError
from app.wechat import replies
from app.wechat.push import Push
from app.wechat.xml import FORBIDDEN, read
from tests.wechat.account import AES_KEY, APP_ID, LINKS, TOKEN, Door, event_push, text_push

PUSH = Push("text", "oSomebody", "gh_account", 1_795_400_000)


@pytest.mark.parametrize(
    ("said", "leads_to"),
    [
        ("活动", "activities.index"),
        ("我要报名！", "activities.index"),
        ("怎么注册", "volunteers.register"),
        ("我的活动", "activities.mine"),
        ("组织", "organizations.register"),
        ("发布活动", "publishing.new"),
        ("政策", "links.policies"),
        ("帮助", "volunteers.show"),
        ("blah", "activities.index"),
    ],
)
def test_a_word_is_answered_with_the_link_to_its_page(said, leads_to):
    door = Door()
    assert f'<a href="{LINKS[leads_to]}">' in door.read(door.send(text_push(said)))["Content"]


@pytest.mark.parametrize("kind", ["image", "voice", "video", "shortvideo", "location", "link"])
def test_everything_else_that_is_sent_gets_a_short_help(kind):
    door = Door()
    answer = door.read(door.send(text_push(MsgType=kind)))
    assert answer["Content"].startswith("您可以点下面的入口")


def test_a_follow_is_greeted_and_a_scene_may_have_its_own_greeting():
    door = Door()
    assert "欢迎关注" in door.read(door.send(event_push("subscribe")))["Content"]
    assert "欢迎关注" in door.read(door.send(event_push("subscribe", "qrscene_77")))["Content"]
    assert "欢迎关注" in door.read(door.send(event_push("SCAN", "77")))["Content"]
    assert "欢迎关注" in door.read(door.send(event_push("subscribe", "last_trade_no_1")))["Content"]


def test_a_tap_is_answered_with_its_text_and_an_unknown_key_with_help():
    door = Door()
    assert "发送“帮助”" in door.read(door.send(event_push("CLICK", "help")))["Content"]
    assert "您可以点" in door.read(door.send(event_push("CLICK", "gone")))["Content"]


@pytest.mark.parametrize("event", ["unsubscribe", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "brand_new_event"])
def test_reports_and_unknown_events_are_answered_success(event):
    answer = Door().send(event_push(event, "http://localhost/x"))
    assert (answer.status_code, answer.get_data()) == (200, b"success")


def test_an_unknown_type_of_message_is_answered_success():
    assert Door().send(text_push(MsgType="hologram")).get_data() == b"success"


def test_a_handler_that_breaks_does_not_show_the_grey_line():
    door = Door()

    def broken(push):
        raise RuntimeError("a bug")

    door.routes.messages["text"] = type(door.routes.messages["text"])(broken)
    assert door.send(text_push()).get_data() == b"success"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200))
def test_any_text_comes_back_as_it_was_but_for_characters_xml_has_not(text):
    fields = read(replies.render(text, PUSH))
    # XML reads every kind of line end as a line feed.
    assert fields["Content"] == FORBIDDEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    assert set(fields) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}


def test_text_of_a_person_adds_no_elements():
    answer = replies.render("]]></Content><MsgType>news</MsgType><Content><![CDATA[", PUSH)
    assert read(answer)["MsgType"] == "text"


def test_an_article_has_its_five_parts():
    fields = read(replies.render(replies.Article("题", "说明", "http://localhost/1", "http://localhost/p.png"), PUSH))
    assert fields["ArticleCount"] == "1"
    assert fields["Articles"]["item"]["Url"] == "http://localhost/1"


def test_an_encrypted_answer_is_read_by_another_library():
    door = Door("safe")
    answer = replies.encrypt(replies.render("好", PUSH), door.app._door.cipher, TOKEN, "1795400000")
    envelope = read(answer)
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    clear = crypto.decrypt_message(answer, envelope["MsgSignature"], envelope["TimeStamp"], envelope["Nonce"])
    assert "好" in clear


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[help]\ntext='x'", "[follow]"),
        ("[follow]\ntext=''\n[help]\ntext='x'", "[follow]"),
        ("[follow]\ntext='{nowhere}'\n[help]\ntext='x'", "{nowhere}"),
        ("[follow]\ntext='x'\n[help]\ntext='x'\n[[keyword]]\ntext='x'", "keyword 1"),
        ("[follow]\ntext='" + "长" * 700 + "'\n[help]\ntext='x'", "2100 bytes"),
        ("[follow", "Expected"),
    ],
)
def test_a_faulty_file_of_texts_is_told_in_one_line(tmp_path, content, named):
    path = tmp_path / "default.toml"
    path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        replies.load(path, LINKS)
    assert named in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)

"""Tags on followers."""

from typing import Any

from sandbox.api.call import OK, Answer, Call
from sandbox.api.users import page_of
from sandbox.errors import ApiError

MAX_TAGS, NAME_BYTES, TAGS_A_PERSON, BATCH = 100, 30, 20, 50
FIRST_ID = 100
SYSTEM_IDS = (0, 1, 2)


def create(call: Call) -> Answer:
    name = _checked_name(call, _tag(call).get("name"))
    if len(call.state.tags) >= MAX_TAGS:
        raise ApiError(45056)
    tag = {"id": call.state.next("tag", FIRST_ID), "name": name}
    call.state.tags.append(tag)
    return {"tag": tag}


def get(call: Call) -> Answer:
    return {"tags": [{**tag, "count": len(_members(call, tag["id"]))} for tag in call.state.tags]}


def update(call: Call) -> Answer:
    tag = _known(call, _tag(call).get("id"))
    tag["name"] = _checked_name(call, _tag(call).get("name"), tag["id"])
    return OK


def delete(call: Call) -> Answer:
    tag = _known(call, _tag(call).get("id"))
    call.state.tags.remove(tag)
    for person in call.state.people.values():
        person.tags = [number for number in person.tags if number != tag["id"]]
    return OK


def batch_tag(call: Call) -> Answer:
    body = call.body()
    tag = _known(call, body.get("tagid"))
    people = [call.follower(openid) for openid in _openids(body)]
    if any(tag["id"] not in person.tags and len(person.tags) >= TAGS_A_PERSON for person in people):
        raise ApiError(45059)
    for person in people:
        # Tagging again makes it the last one applied, which decides between conditional menus.
        person.tags = [number for number in person.tags if number != tag["id"]] + [tag["id"]]
    return OK


def batch_untag(call: Call) -> Answer:
    body = call.body()
    tag = _known(call, body.get("tagid"))
    for person in [call.follower(openid) for openid in _openids(body)]:
        person.tags = [number for number in person.tags if number != tag["id"]]
    return OK


def of_person(call: Call) -> Answer:
    return {"tagid_list": call.person(call.body().get("openid")).tags}


def members(call: Call) -> Answer:
    body = call.body()
    tag = _known(call, body.get("tagid"))
    return page_of(_members(call, tag["id"]), str(body.get("next_openid") or ""))


def _members(call: Call, tag_id: int) -> list[str]:
    return [person.openid for person in call.state.people.values() if tag_id in person.tags]


def _tag(call: Call) -> dict[str, Any]:
    tag = call.body().get("tag")
    if not isinstance(tag, dict):
        raise ApiError(47001)
    return tag


def _known(call: Call, tag_id: object) -> dict[str, Any]:
    if str(tag_id) in map(str, SYSTEM_IDS):
        raise ApiError(45058)
    for tag in call.state.tags:
        if str(tag["id"]) == str(tag_id):
            return tag
    raise ApiError(45159)


def _checked_name(call: Call, name: object, own_id: int | None = None) -> str:
    if not isinstance(name, str) or not name:
        raise ApiError(45157)
    if len(name.encode()) > NAME_BYTES:
        raise ApiError(45158)
    if any(tag["name"] == name and tag["id"] != own_id for tag in call.state.tags):
        raise ApiError(45157)
    return name


def _openids(body: dict[str, Any]) -> list[Any]:
    openids = body.get("openid_list")
    if not isinstance(openids, list) or not 1 <= len(openids) <= BATCH:
        raise ApiError(40032)
    return openids

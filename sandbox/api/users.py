"""Followers."""

from typing import Any

from sandbox.api.call import OK, Answer, Call
from sandbox.errors import ApiError
from sandbox.people import Person

PAGE = 10000
BATCH = 100


def info(call: Call) -> Answer:
    if not call.arg("openid"):
        raise ApiError(41009)
    return described(call.person(call.arg("openid")))


def batch_info(call: Call) -> Answer:
    wanted = call.body().get("user_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= BATCH:
        raise ApiError(40032)
    return {"user_info_list": [described(call.person(_openid(item))) for item in wanted]}


def _openid(item: object) -> object:
    return item.get("openid") if isinstance(item, dict) else item


def described(person: Person) -> dict[str, Any]:
    """Nickname and picture are gone since 2021; a stranger has an openid and no more."""
    if not person.following:
        return {"subscribe": 0, "openid": person.openid, "tagid_list": []}
    return {
        "subscribe": 1,
        "openid": person.openid,
        "nickname": "",
        "sex": 0,
        "language": "zh_CN",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(person.followed_at),
        "remark": person.remark,
        "groupid": person.tags[0] if person.tags else 0,
        "tagid_list": person.tags,
        "subscribe_scene": person.subscribe_scene,
        "qr_scene": person.qr_scene,
        "qr_scene_str": person.qr_scene_str,
    }


def followers(call: Call) -> Answer:
    everyone = sorted((person for person in call.state.people.values() if person.following), key=_since)
    return {"total": len(everyone), **page_of([person.openid for person in everyone], call.arg("next_openid"))}


def _since(person: Person) -> tuple[float, str]:
    return person.followed_at, person.openid


def page_of(openids: list[str], after: str) -> dict[str, Any]:
    """Up to 10000 openids after the given one; `data` is left out when there are none."""
    if after:
        if after not in openids:
            raise ApiError(40003)
        openids = openids[openids.index(after) + 1 :]
    page = openids[:PAGE]
    answer: dict[str, Any] = {"count": len(page), "next_openid": page[-1] if page else ""}
    return {**answer, "data": {"openid": page}} if page else answer


def update_remark(call: Call) -> Answer:
    body = call.body()
    person = call.follower(body.get("openid"))
    remark = body.get("remark")
    if not isinstance(remark, str) or len(remark.encode()) >= 30:
        raise ApiError(40092)
    person.remark = remark
    return OK

"""The puzzle before a code, where many codes were asked for: a sum that costs a browser a second and a robot money.

With JavaScript the browser does it by itself (altcha's proof of work, on this machine alone); without, a person types
the digits of a picture. Either is good once, for ten minutes, in the browser that got it.
"""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from app import crypto, late
from app.accounts import code_caps
from app.accounts.errors import CodesUnavailable, PuzzleUnsolved
from app.config import Limits
from app.redis import Redis, RedisError
from app.web import readers

LIFE = timedelta(minutes=10)
#: Of the numbers up to this one the browser finds the right one; on a slow phone in two or three seconds.
MOST = 50_000
DIGITS = 5
WIDTH, HEIGHT, LETTER = 150, 48, 34
#: What the form brings.
SOLUTION, ANSWER, TOKEN = "puzzle_solution", "puzzle_answer", "puzzle_token"
LONGEST = 2000


@dataclass(frozen=True)
class Puzzle:
    #: What the script is to solve, as JSON.
    task: str
    #: The digits as a picture, for a page's `src`.
    picture: str
    #: Which digits they are, sealed.
    token: str


def are_needed(address_index: str, limits: Limits, now: datetime) -> bool:
    """Whether a code costs one now: the address had its share within the hour, or the site nearly all of its day."""
    if code_caps.sent_from(address_index, now) >= limits.codes_before_puzzle:
        return True
    return code_caps.sent_today(now) >= code_caps.near(limits.codes_per_site_day)


def make(browser: str, now: datetime) -> Puzzle:
    """A new one for this browser."""
    expires, mark = now + LIFE, _mark(browser)
    options = late.altcha.v1.ChallengeOptions(
        max_number=MOST, hmac_key=_key(), expires=expires, params={"browser": mark}
    )
    task = json.dumps(late.altcha.v1.create_challenge(options).to_dict())
    digits = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    kept = {"digits": digits, "expires": int(expires.timestamp()), "id": secrets.token_urlsafe(16)}
    return Puzzle(task, _picture(digits), crypto.ring().seal(json.dumps(kept), f"puzzle:{mark}"))


def check(form: Mapping[str, str], browser: str, *, redis: Redis, now: datetime) -> None:
    """Accept what a form brings as the solution, once. Raises PuzzleUnsolved, CodesUnavailable."""
    mark = _mark(browser)
    name = _solved(form.get(SOLUTION, ""), mark, now) or _typed(form, mark, redis, now)
    if name is None or not _claim(name, redis):
        raise PuzzleUnsolved


def _solved(payload: str, mark: str, now: datetime) -> str | None:
    """The name of the sum that the browser did; None when it did none, or not this one."""
    try:
        told = json.loads(base64.b64decode(payload[:LONGEST], validate=True))
    except (ValueError, RecursionError):
        return None
    texts = ("algorithm", "challenge", "salt", "signature")
    is_whole = isinstance(told, dict) and all(isinstance(told.get(name), str) for name in texts)
    if not is_whole or type(told.get("number")) is not int:
        return None
    # The time is checked here: the library would ask the machine's clock.
    is_right, _ = late.altcha.v1.verify_solution(told, _key(), False)
    said: dict[str, list[str]] = late.altcha.v1.extract_params(told)
    if not is_right or said.get("browser") != [mark]:
        return None
    return str(told["challenge"]) if now.timestamp() < int(said["expires"][0]) else None


def _typed(form: Mapping[str, str], mark: str, redis: Redis, now: datetime) -> str | None:
    """The name of the picture whose digits were typed. A wrong answer uses it up: nobody tries twice."""
    kept = _opened(form.get(TOKEN, ""), mark)
    answer = readers.digits(form.get(ANSWER, "")[:LONGEST]) or ""
    if kept is None or not answer or now.timestamp() >= kept["expires"]:
        return None
    if hmac.compare_digest(answer.encode(), str(kept["digits"]).encode()):
        return str(kept["id"])
    _claim(str(kept["id"]), redis)
    return None


def _opened(token: str, mark: str) -> dict[str, Any] | None:
    try:
        kept = json.loads(crypto.ring().open(token[:LONGEST], f"puzzle:{mark}"))
    except (ValueError, crypto.CannotOpen):
        return None
    return kept if isinstance(kept, dict) else None


def _claim(name: str, redis: Redis) -> bool:
    """Whether it was not used before."""
    try:
        return bool(redis.set(f"puzzle:{crypto.ring().index('puzzle', name)}", 1, nx=True, ex=LIFE))
    except RedisError as error:
        raise CodesUnavailable from error


def _mark(browser: str) -> str:
    return crypto.ring().index("puzzle browser", browser)


def _key() -> str:
    """What the sums are signed with."""
    return crypto.ring().index("puzzle key", "altcha")


def _picture(digits: str) -> str:
    """The digits, each turned and moved by chance, with lines across."""
    pil, chance = late.PIL, secrets.SystemRandom()
    picture = pil.Image.new("L", (WIDTH, HEIGHT), 255)
    font = pil.ImageFont.load_default(LETTER)
    for number, digit in enumerate(digits):
        letter = pil.Image.new("L", (LETTER, HEIGHT), 0)
        pil.ImageDraw.Draw(letter).text((6, 2), digit, font=font, fill=255)
        letter = letter.rotate(chance.uniform(-25, 25))
        at = (4 + number * 28 + chance.randint(-2, 2), chance.randint(-4, 4))
        picture.paste(chance.randint(0, 90), at, letter)
    draw = pil.ImageDraw.Draw(picture)
    for _ in range(4):
        ends = [(x, chance.randint(0, HEIGHT)) for x in (0, WIDTH // 2, WIDTH)]
        draw.line(ends, fill=chance.randint(60, 150), width=2)
    out = BytesIO()
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()

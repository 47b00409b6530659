"""Pictures made by code: a 标志 for some of the made-up organisations, and a paper form nobody has written on."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

from app import config, files, late, pictures
from app.accounts.models import Account
from app.context import here
from app.organizations.models import APPLICATION, LOGO
from app.organizations.papers import SEALED, SIDES

if TYPE_CHECKING:
    from PIL import Image

#: By the name of the organisation: what lies behind, and what shines on it.
LOGOS = {
    "大连市科技志愿服务总队": ("#1458a8", "#ffd34d"),
    "中山区科技志愿服务队": ("#0c7a5b", "#f4f9f6"),
    "沙河口区科技志愿服务队": ("#b3401f", "#ffe9d6"),
}
PAPER = (1240, 1754)


def logo_for(name: str, account: Account) -> str:
    """The uid of a 标志 that the account sent; empty for most."""
    if name not in LOGOS:
        return ""
    back, front = LOGOS[name]
    sheet = late.PIL.Image.new("RGB", (480, 480), back)
    pen = late.PIL.ImageDraw.Draw(sheet)
    pen.ellipse((90, 90, 390, 390), outline=front, width=28)
    pen.ellipse((205, 205, 275, 275), fill=front)
    pen.arc((30, 180, 450, 300), 20, 340, fill=front, width=18)
    return _kept(sheet, LOGO, account)


def form_of(account: Account) -> tuple[str, ...]:
    """The uids of one page of 注册申请表: a table with a red round where the seal belongs."""
    sheet = late.PIL.Image.new("RGB", PAPER, "#fdfcf8")
    pen = late.PIL.ImageDraw.Draw(sheet)
    pen.rectangle((420, 90, 820, 130), fill="#333333")
    for top in range(200, 1500, 100):
        pen.rectangle((120, top, 1120, top + 100), outline="#555555", width=3)
        pen.line((400, top, 400, top + 100), fill="#555555", width=3)
        pen.line((150, top + 50, 330, top + 50), fill="#999999", width=14)
    pen.ellipse((800, 1380, 1060, 1640), outline="#c8202a", width=10)
    return (_kept(sheet, APPLICATION, account),)


def _kept(sheet: "Image.Image", kind: str, account: Account) -> str:
    out, limits = BytesIO(), here.config.limits
    sheet.save(out, "PNG")
    picture = pictures.read(
        out.getvalue(), most_bytes=limits.picture_bytes, most_pixels=limits.picture_pixels, sides=SIDES[kind]
    )
    folder = config.from_root(here.config.content.uploads)
    how: dict[str, Any] = {"folder": folder, "account_id": account.id, "is_sealed": kind in SEALED}
    return files.store_picture(picture, kind, **how, now=here.clock.now()).uid

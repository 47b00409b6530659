"""Pictures that people send, made anew: what cannot be seen in them (where they were taken, other data) is gone."""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from app import late
from app.errors import AppError

if TYPE_CHECKING:
    from PIL import Image

#: What a phone or a scanner makes. Anything else - SVG and HTML above all - is no picture here.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
#: The longer side, in pixels, of what is shown on a page and of what stands in a list.
LARGE, SMALL = 1280, 480
QUALITY = 82
TOO_MANY_POINTS = "图片的尺寸太大了，请先缩小或截图再上传"


class PictureRefused(AppError):
    message, status, field = "这不是能用的图片，请换一张 JPG 或 PNG", 422, "pictures"


@dataclass(frozen=True)
class Picture:
    """Both sizes as JPEG; width and height are those of the large one."""

    large: bytes
    small: bytes
    width: int
    height: int


def read(data: bytes, *, most_bytes: int, most_pixels: int, sides: tuple[int, int] = (LARGE, SMALL)) -> Picture:
    """Decode and make anew, in two sizes whose longer sides are at most so many pixels. Raises PictureRefused."""
    if len(data) > most_bytes:
        raise PictureRefused(f"图片太大了，每张最大 {most_bytes / 1_000_000:g} MB")
    try:
        with late.PIL.Image.open(BytesIO(data), formats=FORMATS) as image:
            # A PNG that breaks off near its end would be decoded, with what is lacking left out.
            image.verify()
        with late.PIL.Image.open(BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > most_pixels:
                raise PictureRefused(TOO_MANY_POINTS)
            # A phone's JPEG may carry further pictures (MPO): its first one is the picture.
            if getattr(image, "is_animated", False) and image.format != "MPO":
                raise PictureRefused("动图不能用，请换一张静止的图片")
            return _made_anew(image, *sides)
    except PictureRefused:
        raise
    except late.PIL.Image.DecompressionBombError:
        raise PictureRefused(TOO_MANY_POINTS) from None
    except Exception as error:
        # A decoder that is fed nonsense may raise anything.
        raise PictureRefused from error


def _made_anew(image: "Image.Image", longest: int, longest_small: int) -> Picture:
    image.draft("RGB", (longest, longest))  # JPEG only: decodes no more than is needed
    upright = late.PIL.ImageOps.exif_transpose(image)
    upright.thumbnail((longest, longest), late.PIL.Image.Resampling.LANCZOS)
    # Pasted onto a new sheet: it has none of the old one's comments, profiles and tags, and white where that was clear.
    sheet = late.PIL.Image.new("RGB", upright.size, "white")
    seen = upright.convert("RGBA")
    sheet.paste(seen, mask=seen.getchannel("A"))
    small = sheet.copy()
    small.thumbnail((longest_small, longest_small), late.PIL.Image.Resampling.LANCZOS)
    return Picture(_jpeg(sheet), _jpeg(small), sheet.width, sheet.height)


def _jpeg(image: "Image.Image") -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()

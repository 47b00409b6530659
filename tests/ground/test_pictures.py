"""Pictures: made anew, upright, without what they told; and what is no picture."""

from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from app import pictures
from app.pictures import PictureRefused

LIMITS = {"most_bytes": 5_000_000, "most_pixels": 40_000_000}
MARK = b"GPS-38.914-121.614-marker"


def sent(image, kind="JPEG", **more):
    out = BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def opened(data):
    return Image.open(BytesIO(data))


def test_both_sizes_are_made_and_nothing_is_enlarged():
    made = pictures.read(sent(Image.new("RGB", (3000, 2000), "navy")), **LIMITS)
    assert (made.width, made.height) == opened(made.large).size == (1280, 853)
    assert opened(made.small).size == (480, 320)
    assert pictures.read(sent(Image.new("RGB", (60, 40))), **LIMITS).width == 60


def test_a_picture_taken_upright_is_upright_and_says_no_more_than_can_be_seen():
    image = Image.new("RGB", (400, 200), "red")
    image.paste("blue", (0, 0, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = MARK.decode()
    made = pictures.read(sent(image, exif=exif, comment=MARK, icc_profile=MARK), **LIMITS)
    large = opened(made.large)
    assert large.size == (200, 400)
    assert large.getpixel((100, 20))[2] > 200, "the left half is on top now"
    for data in (made.large, made.small):
        assert MARK not in data
        assert not opened(data).getexif()
        assert not {"comment", "icc_profile", "exif", "xmp"} & set(opened(data).info)


def test_what_png_tells_is_gone_and_what_was_clear_is_white():
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", MARK.decode())
    image = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    made = pictures.read(sent(image, "PNG", pnginfo=told), **LIMITS)
    assert MARK not in made.large
    assert min(opened(made.large).getpixel((25, 25))) > 250


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_colour_can_be_read(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert pictures.read(sent(Image.new(mode, (30, 20)), kind), **LIMITS).height == 20


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"x", SVG, b"<!doctype html><img src=x onerror=alert(1)>", b"%PDF-1.7", b"PK\x03\x04", b"\xff\xd8\xff"),
        sent(Image.new("RGB", (300, 300)))[:200],
        sent(Image.effect_noise((300, 300), 90), "PNG")[:3000],
        sent(Image.effect_noise((300, 300), 90), "PNG")[:3000] + b"\x00" * 400,
        sent(Image.new("RGB", (30, 30)), "TIFF"),
        sent(Image.new("RGB", (30, 30)), "ICO"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(data):
    with pytest.raises(PictureRefused, match="换一张"):
        pictures.read(data, **LIMITS)


def test_a_picture_with_a_page_behind_it_is_only_the_picture():
    made = pictures.read(sent(Image.new("RGB", (30, 30))) + SVG, **LIMITS)
    assert b"script" not in made.large


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_is_refused(kind):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    with pytest.raises(PictureRefused, match="动图"):
        pictures.read(sent(frames[0], kind, save_all=True, append_images=frames[1:]), **LIMITS)


def test_the_picture_of_a_phone_with_more_behind_it_is_taken():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    made = pictures.read(sent(frames[0], "MPO", save_all=True, append_images=frames[1:]), **LIMITS)
    assert opened(made.large).getpixel((5, 5))[0] > 200


def test_a_picture_of_very_many_points_is_refused_before_it_is_decoded():
    bomb = sent(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    with pytest.raises(PictureRefused, match="尺寸太大"):
        pictures.read(bomb, **LIMITS)
    with pytest.raises(PictureRefused, match="5 MB"):
        pictures.read(b"\xff\xd8" + b"x" * 5_000_000, **LIMITS)

"""How far it is, as the crow flies (domain facts 7.1), and from the positions of browsers to those of Chinese maps."""

from math import asin, cos, degrees, pi, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
#: The ellipsoid of the shift: Krasovsky 1940, its longer half axis in metres and its eccentricity squared.
AXIS_M, ECCENTRICITY = 6_378_245.0, 0.00669342162296594323
#: Beyond these degrees (west, south, east, north) nothing is shifted.
SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)


def metres(lng: float, lat: float, other_lng: float, other_lat: float) -> float:
    """By the haversine formula; degrees in, metres out."""
    half_lat, half_lng = radians(other_lat - lat) / 2, radians(other_lng - lng) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(half_lng) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(sqrt(chord), 1))


def gcj02(lng: float, lat: float) -> tuple[float, float]:
    """A WGS-84 position, as satellites and browsers give it, in GCJ-02, as maps in China have it; in degrees.

    The shift itself is not published; this is the approximation that everybody uses, known from the source of
    EvilTransform (https://github.com/googollee/eviltransform). Outside China a position stays what it is.
    """
    west, south, east, north = SHIFTED
    if not (west <= lng <= east and south <= lat <= north):
        return lng, lat
    east_shift, north_shift = _shift(lng - 105.0, lat - 35.0)
    bend = 1 - ECCENTRICITY * sin(radians(lat)) ** 2
    along = AXIS_M / sqrt(bend) * cos(radians(lat))
    up = AXIS_M * (1 - ECCENTRICITY) / (bend * sqrt(bend))
    return lng + degrees(east_shift / along), lat + degrees(north_shift / up)


def _shift(x: float, y: float) -> tuple[float, float]:
    """By how many metres a point is shifted to the east and to the north; x and y in degrees from (105, 35)."""
    both = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    east = both + 20 * sin(x * pi) + 40 * sin(x / 3 * pi) + 150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)
    north = both + 20 * sin(y * pi) + 40 * sin(y / 3 * pi) + 160 * sin(y / 12 * pi) + 320 * sin(y / 30 * pi)
    root = sqrt(abs(x))
    return (
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + east * 2 / 3,
        -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + north * 2 / 3,
    )


def box(lng: float, lat: float, reach_m: float) -> tuple[float, float, float, float]:
    """West, south, east and north of a box, in degrees, that holds all within reach."""
    high = degrees(reach_m / EARTH_RADIUS_M)
    wide = high / max(cos(radians(lat)), 0.01)
    return lng - wide, lat - high, lng + wide, lat + high


def words(distance_m: float) -> str:
    """约 300 米, 约 2.4 公里"""
    if distance_m < 1000:
        return f"约 {max(round(distance_m / 100), 1) * 100} 米"
    return f"约 {distance_m / 1000:.1f} 公里"

"""How far it is, as the crow flies (domain facts 7.1)."""

from math import asin, cos, degrees, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8


def metres(lng: float, lat: float, other_lng: float, other_lat: float) -> float:
    """By the haversine formula; degrees in, metres out."""
    half_lat, half_lng = radians(other_lat - lat) / 2, radians(other_lng - lng) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(half_lng) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(sqrt(chord), 1))


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

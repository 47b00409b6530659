"""What a notice says of an activity: nothing personal, and short enough for a message."""

from app.activities.models import Activity, Shift
from app.clock import local


def told_of(activity: Activity, shift: Shift) -> dict[str, str]:
    start, end = local(shift.starts_at), local(shift.ends_at)
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end.month}月{end.day}日 {end:%H:%M}"
    return {
        "title": activity.title,
        "time": f"{start.month}月{start.day}日 {start:%H:%M} - {until}",
        "starts": f"{start.year}年{start.month}月{start.day}日 {start:%H:%M}",
        "place": activity.address,
        "path": f"/activities/{activity.id}",
    }

"""资料完整度: how much of what organisations ask about is filled in, and what comes next."""

from app.volunteers.models import Volunteer

#: Field, what it is called, and where on the form it is.
WORTH = {
    "skills": "专业技能",
    "services": "服务类别",
    "kind": "志愿者类别",
    "expertise": "学科领域",
    "target_groups": "愿意服务的对象",
    "availability": "可服务时间",
    "service_region": "服务区域",
    "education": "最高学历",
    "employment": "从业状况",
    "emergency_phone": "紧急联系人",
    "health_declared_at": "健康声明",
}


def percent(volunteer: Volunteer) -> int:
    filled = sum(bool(getattr(volunteer, name)) for name in WORTH)
    return round(100 * filled / len(WORTH))


def lacking(volunteer: Volunteer) -> list[str]:
    """What is empty, what matters most first."""
    return [label for name, label in WORTH.items() if not getattr(volunteer, name)]

"""One's own data in words: what each table and column is called on the page."""

from collections.abc import Mapping, Sequence
from typing import Any

TABLES = {
    "accounts": "账号",
    "wechat_users": "微信",
    "sessions": "登录过的设备",
    "consents": "同意过的文件",
    "drafts": "没有提交的表单",
    "audit_entries": "更改记录",
    "volunteers": "志愿者资料",
    "volunteer_skills": "专业技能",
    "volunteer_services": "服务类别",
    "memberships": "所属组织",
    "sign_ups": "报名",
    "notices": "通知",
    "organization_admins": "管理的组织",
    "organizations.leader": "您是这些组织的负责人",
    "activities.leader": "您是这些活动的负责人",
}
COLUMNS = {
    "name": "姓名",
    "phone": "手机号",
    "gender": "性别",
    "birth_date": "出生日期",
    "id_type": "证件类型",
    "id_number": "证件号码",
    "volunteer_no": "志愿者编号",
    "residence_region": "所在区域",
    "service_region": "服务区域",
    "address": "详细地址",
    "email": "邮箱",
    "state": "状态",
    "created_at": "建立时间",
    "registered_at": "注册时间",
    "accepted_at": "同意时间",
    "withdrawn_at": "撤回时间",
    "document": "文件",
    "version": "版本",
    "signed_up_at": "报名时间",
    "shift_starts_at": "开始时间",
    "shift_ends_at": "结束时间",
    "reason": "原因",
    "browser": "设备",
    "last_seen_at": "最近使用",
    "code": "代码",
    "content": "内容",
    "action": "事项",
    "detail": "内容",
    "at": "时间",
    "openid": "微信标识",
    "guardian_name": "监护人",
    "guardian_phone": "监护人手机号",
    "emergency_name": "紧急联系人",
    "emergency_phone": "紧急联系人手机号",
    "employer": "工作单位",
}
#: Numbers that mean something only inside the program; they are in the file.
INSIDE = ("id", "uid", "_id", "_by", "occasion", "round")

Rows = Sequence[Mapping[str, Any]]


def rows_to_read(data: Mapping[str, Rows]) -> dict[str, list[list[tuple[str, str]]]]:
    """What of an export a person reads: by table, row by row, with labels; what is empty is left out."""
    return {
        table: [
            [(COLUMNS.get(name, name), str(value)) for name, value in row.items() if _is_read(name, value)]
            for row in rows
        ]
        for table, rows in data.items()
    }


def _is_read(name: str, value: Any) -> bool:
    return value not in (None, "", [], {}) and not name.endswith(INSIDE)

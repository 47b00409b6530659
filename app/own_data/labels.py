"""One's own data in words: what each table and column is called on the page."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app import codes, regions
from app.accounts import agreements
from app.activities.states import SIGN_UP_LABELS
from app.clock import local

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
    "appeals": "申诉",
    "import_rows": "组织为您填写的注册资料",
    "sign_ups": "报名",
    "notices": "通知",
    "team_members": "所在的分支队伍",
    "organization_admins": "管理的组织",
    "organization_changes": "组织信息的更改申请",
    "invitations": "发出的管理员邀请",
    "organizations.leader": "您是这些组织的负责人",
    "organizations.contact": "您是这些组织的联系人",
    "organizations.backing": "您是这些组织的批准单位经办人",
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
    "words": "申诉理由",
    "against_at": "清退时间",
    "decision": "处理说明",
    "decided_at": "处理时间",
    "browser": "设备",
    "last_seen_at": "最近使用",
    "code": "名称",
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
    "offer_ends_at": "确认期限",
    "ended_at": "结束时间",
    "risk_accepted_at": "接受风险提示时间",
    "leave_asked_at": "请假时间",
    "draw_order": "抽签次序",
    "draw_ticket": "抽签号",
    "training_confirmed_at": "确认具备培训或证书的时间",
    "leave_reason": "请假原因",
    "activity_title": "活动",
    "organization_name": "组织",
    "shift_title": "场次",
    "subject": "主题",
    "asked_at": "申请时间",
    "joined_at": "加入时间",
    "judged_at": "审核时间",
    "tied_at": "绑定时间",
    "is_following": "关注公众号",
    "following_changed_at": "关注变动时间",
    "kind": "志愿者类别",
    "expertise": "学科领域",
    "other_skills": "其他特长",
    "target_groups": "愿意服务的对象",
    "availability": "可服务时间",
    "political_status": "政治面貌",
    "ethnicity": "民族",
    "education": "最高学历",
    "employment": "从业状况",
    "title": "职称",
    "health_declared_at": "健康声明时间",
    "guardian_consented_at": "监护人同意时间",
    "source": "注册方式",
    "role": "角色",
    "position": "职务",
    "sent_at": "发送时间",
    "changed_at": "保存时间",
    "last_login_at": "最近登录",
    "masked_phone": "邀请的手机号",
    "expires_at": "有效期至",
    "proved_at": "最近验证手机号",
    "is_leader": "是否队长",
    "leader_name": "负责人",
    "leader_phone": "负责人手机号",
    "leader_id_number": "负责人身份证号码",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "backing_name": "经办人",
    "backing_phone": "电话",
    "number": "行号",
    "problem": "核对结果",
}
#: What a value of a column means, where it is a code; the table is named where the column's name is used twice.
WORDS: dict[str, Mapping[str, str]] = {
    "gender": codes.GENDERS,
    "id_type": codes.ID_TYPES,
    "kind": codes.VOLUNTEER_KINDS,
    "expertise": codes.EXPERTISE,
    "target_groups": codes.TARGET_GROUPS,
    "availability": codes.AVAILABILITY,
    "political_status": codes.POLITICAL_STATUSES,
    "ethnicity": codes.ETHNICITIES,
    "education": codes.EDUCATIONS,
    "employment": codes.EMPLOYMENTS,
    "title": codes.TITLES,
    "document": agreements.TITLES,
    "source": {"self": "自己注册", "import": "组织导入"},
    "role": {"owner": "所有者", "admin": "管理员", "lead": "活动负责人", "helper": "签到协助"},
    "action": {
        "account.phone": "更换手机号",
        "account.owner": "确认是本人",
        "contacts.revealed": "查看您的电话",
        "import.sent": "上传团体注册名单",
        "import.checked": "核对团体注册名单",
        "import.refused": "团体注册名单读不出来",
        "import.applied": "团体注册导入",
        "import.downloaded": "下载名单核对结果",
        "import.undone": "撤销团体注册",
        "membership.imported": "由团体注册加入组织",
        "membership.undone": "团体注册撤销，退出组织",
        "admin.invite": "邀请管理员",
        "admin.uninvite": "撤回邀请",
        "admin.join": "担任管理员",
        "admin.role": "更换管理员角色",
        "admin.remove": "移除管理员",
        "admin.leave": "不再担任管理员",
        "organization.hand_over": "移交组织",
        "organization.appoint": "指定组织的所有者",
        "organization.move": "调整组织的上级",
        "organization.merge": "合并组织",
        "organization.suspend": "暂停组织",
        "organization.resume": "恢复组织",
        "organization.deactivate": "停用组织",
        "phone.revealed": "组织者查看了您的手机号",
        "id_number.revealed": "组织者查看了您的证件号码",
        "activity.drawn": "为活动抽签",
        "sign_up.by_hand": "组织者把您加入活动名单",
        "sign_up.place_given": "组织者给您候补名额",
        "membership.accepted": "组织同意您加入",
        "membership.rejected": "组织没有同意您加入",
        "membership.removed": "组织把您清退",
        "membership.restored": "组织恢复您的成员资格",
        "appeal.upheld": "申诉成立",
        "appeal.dismissed": "申诉没有成立",
        "team.create": "建立分支队伍",
        "team.rename": "分支队伍改名",
        "team.dissolve": "解散分支队伍",
        "team.restore": "恢复分支队伍",
        "consent.withdrawn": "撤回同意",
        "data.export": "下载数据",
        "volunteer.identity": "更正姓名或证件",
        "organization.edit": "修改组织信息",
        "organization.approved": "通过组织注册",
        "organization.returned": "退回组织注册",
        "organization.rejected": "不通过组织注册",
        "organization.change_accepted": "同意组织更改",
        "organization.change_refused": "不同意组织更改",
        "volunteer.guardian": "填写或更换监护人",
        "id_number.tried": "有人用您的证件号码注册，没有通过",
    },
    "volunteer_skills.code": codes.SKILLS,
    "volunteer_services.code": codes.SERVICE_SCOPES,
    "sign_ups.state": {str(state): words for state, words in SIGN_UP_LABELS.items()},
    "memberships.state": {
        "pending": "待审核",
        "active": "已加入",
        "rejected": "未通过",
        "left": "已退出",
        "removed": "被移出",
        "merged": "随组织合并",
    },
    "invitations.state": {"open": "等待接受", "accepted": "已接受", "revoked": "已撤回"},
    "organization_changes.state": {
        "pending": "待审核",
        "accepted": "已同意",
        "refused": "没有同意",
        "withdrawn": "已撤回",
    },
    "notices.state": {
        "waiting": "等待发送",
        "claimed": "等待发送",
        "sending": "正在发送",
        "sent": "已发送",
        "unreachable": "没有送到",
    },
    "state": {"active": "正常", "frozen": "冻结", "exited": "已退出", "erased": "已注销"},
}
#: Numbers that mean something only inside the program; they are in the file.
INSIDE = ("id", "uid", "_id", "_by", "_path", "occasion", "round")
#: What a row is about, though it stands in another table: read first.
FIRST = ("organization_name", "activity_title", "shift_title", "subject")
#: How a message was delivered, and which form a draft is of: in the file too.
WORKINGS = {
    "notices": {"kind", "values", "tried", "channel", "attempts", "due_at", "claimed_until", "text_until", "trouble"},
    "drafts": {"form"},
    "sessions": {"is_paused"},
    "organization_changes": {"open_for", "values", "values_sealed"},
    "audit_entries": {"topic"},
    "memberships": {"initial"},
}

Rows = Sequence[Mapping[str, Any]]


def rows_to_read(data: Mapping[str, Rows]) -> dict[str, list[list[tuple[str, str]]]]:
    """What of an export a person reads: by table, row by row, labels and words; what is empty is left out."""
    return {
        table: [
            [
                (COLUMNS[name], _in_words(table, name, value))
                for name, value in sorted(row.items(), key=lambda item: item[0] not in FIRST)
                if _is_read(table, name, value)
            ]
            for row in rows
        ]
        for table, rows in data.items()
    }


def _is_read(table: str, name: str, value: Any) -> bool:
    if name.endswith(INSIDE) or name in WORKINGS.get(table, ()):
        return False
    return value not in (None, "", [], {})


def _in_words(table: str, name: str, value: Any) -> str:
    words = WORDS.get(f"{table}.{name}", WORDS.get(name, {}))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(words.get(str(one), str(one)) for one in value)
    if isinstance(value, dict):
        typed = [one for many in value.values() for one in (many if isinstance(many, list) else [many])]
        return "；".join(str(one) for one in typed if one)
    if name.endswith("_region"):
        return regions.full_name(value)
    if name == "birth_date":
        return date.fromisoformat(value).strftime("%Y-%m-%d")
    if name == "at" or name.endswith("_at"):
        return f"{local(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    if name == "detail":
        return _change(value)
    return words.get(str(value), str(value))


def _change(detail: str) -> str:
    """What a change of the account changed: from what, to what."""
    try:
        changes = json.loads(detail)
    except ValueError:
        return agreements.TITLES.get(detail, detail)
    if not isinstance(changes, dict):
        return detail
    return "；".join(
        f"{COLUMNS.get(name, name)}：" + " → ".join(WORDS.get(name, {}).get(str(one), str(one)) for one in pair)
        for name, pair in changes.items()
        if isinstance(pair, list)
    )

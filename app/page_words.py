"""Words that templates use for states of several topics."""

from flask import Flask, url_for

from app.accounts import agreements
from app.accounts.phone_step import puzzle, wait_left, was_sent_here
from app.accounts.visitor import seems_logged_in
from app.activities import campaigns, drawing, risks, summary
from app.activities.models import ActivityState, Phase
from app.activities.services import DECLARATION
from app.activities.states import (
    APPROVAL_MODE_LABELS,
    PHASE_LABELS,
    RECRUITS,
    RHYTHMS,
    RISK_LABELS,
    sign_up_word,
)
from app.governance import appeals
from app.organizations import papers
from app.organizations.acting import acting
from app.organizations.admins import ROLE_WORDS
from app.organizations.guards import is_allowed, shown
from app.organizations.models import Organization, OrganizationState
from app.web import places

ORGANIZATION_STATES = {
    OrganizationState.PENDING: "待上级审核",
    OrganizationState.APPROVED: "正常",
    OrganizationState.RETURNED: "已退回，待修改",
    OrganizationState.REJECTED: "未通过审核",
    OrganizationState.WITHDRAWN: "已撤回",
    OrganizationState.SUSPENDED: "已暂停",
    OrganizationState.DEACTIVATED: "已停用",
    OrganizationState.MERGED: "已并入其他组织",
}
ACTIVITY_STATES = {
    ActivityState.DRAFT: "草稿",
    ActivityState.PENDING_REVIEW: "审核中",
    ActivityState.REJECTED: "未通过审核",
    ActivityState.ARCHIVED: "已归档",
}
#: The manual's filter, in its order; 全部 comes last there.
PHASE_FILTERS = {
    Phase.SIGNUP_OPEN.value: "报名中",
    Phase.SIGNUP_CLOSED.value: "报名结束",
    Phase.ONGOING.value: "活动中",
    Phase.ENDED.value: "活动结束",
    "all": "全部",
}


#: What an organisation can look at besides.
OWN_FILTERS = {"not_open": PHASE_LABELS[Phase.NOT_OPEN], "draft": "草稿", "review": "审核中", "cancelled": "已取消"}


def privacy_notice_url() -> str:
    (version,) = agreements.current(agreements.PRIVACY_NOTICE).values()
    return url_for("accounts.agreement", document=agreements.PRIVACY_NOTICE, version=version)


def map_of(organization: Organization) -> str:
    position = organization.position or (None, None)
    return places.map_url(position, organization.name, organization.region, organization.address)


def logo_url(uid: str, size: str) -> str:
    return url_for("organization_papers.logo", uid=uid, size=size)


def paper_url(uid: str, size: str) -> str:
    return url_for("organization_papers.application", uid=uid, size=size)


def picture_url(uid: str, size: str) -> str:
    return url_for("gallery.picture", uid=uid, size=size)


def register_words(app: Flask) -> None:
    app.jinja_env.globals.update(
        acting=acting,
        allowed=is_allowed,
        may_be_drawn=drawing.may_be_drawn,
        seed_fingerprint=drawing.fingerprint,
        shown=shown,
        unread_risk=risks.first_unread,
        activity_states=ACTIVITY_STATES,
        called_off=summary.called_off,
        campaign_name=campaigns.name_of,
        declaration=DECLARATION,
        lacking=papers.lacking,
        logo_url=logo_url,
        map_of=map_of,
        paper_url=paper_url,
        insurance_words=risks.insurance_words,
        approval_modes=APPROVAL_MODE_LABELS,
        own_filters=OWN_FILTERS,
        free_places=summary.free_places,
        is_online=summary.is_online,
        next_shift=summary.next_shift,
        organization_states=ORGANIZATION_STATES,
        picture_url=picture_url,
        phase_filters=PHASE_FILTERS,
        phase_labels=PHASE_LABELS,
        privacy_notice_url=privacy_notice_url,
        recruits_labels=RECRUITS,
        rhythms=RHYTHMS,
        risk_labels=RISK_LABELS,
        role_labels=ROLE_WORDS,
        seems_logged_in=seems_logged_in,
        shift_takes_sign_ups=summary.takes_sign_ups,
        sign_up_word=sign_up_word,
        appeals_to_judge=appeals.to_judge,
        count_appeals=appeals.count_to_judge,
        code_wait=wait_left,
        code_was_sent_here=was_sent_here,
        code_puzzle=puzzle,
    )

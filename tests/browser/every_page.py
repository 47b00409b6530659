"""Every page that a person can open, who opens it, and how its address is found."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

import requests
from playwright.sync_api import Page, expect

from tests.browser.product import Product

#: As sandbox/people.toml names them, and as the demonstration data have made them.
VOLUNTEER, ORGANISER, NEWCOMER = "19900000002", "19900000003", "18811110019"
PARENT = "19900000004"
STRANGER = ""

POLICY = r"/policies/[a-z0-9-]+$"
ACTIVITY = r"[0-9]/activities/[0-9]+(\?|$)"
MEMBER = r"/organization/volunteers/[A-Za-z0-9_-]{22}$"
OWN_ACTIVITY = r"/organization/activities/[0-9]+(\?|$)"
ORGANIZATION = r"/organizations/[A-Za-z0-9_-]{22}$"
REVIEW = r"/organization/below/[A-Za-z0-9_-]{22}/review$"
BELOW = r"/organization/below/[A-Za-z0-9_-]{22}$"
TEAM = r"/organization/teams/[A-Za-z0-9_-]{22}$"


@dataclass(frozen=True)
class Seen:
    """A page: its endpoint, whose it is, its address, and the links that lead there from that address."""

    endpoint: str
    person: str
    address: str
    links: tuple[str, ...] = ()

    def open(self, page: Page, product: Product) -> None:
        """Load the page, by its links where the address holds a number."""
        page.goto(f"{product.site}{self.address}")
        assert unquote(page.url) == f"{product.site}{self.address}", f"{self.address} led to {page.url}"
        for link in self.links:
            page.goto(_first_link(page, link))

    def __str__(self) -> str:
        return f"{self.endpoint}-{self.person or 'stranger'}"


PAGES = (
    Seen("links.home", STRANGER, "/"),
    Seen("links.links", STRANGER, "/links"),
    Seen("links.policies", STRANGER, "/policies"),
    Seen("links.policy", STRANGER, "/policies", (POLICY,)),
    Seen("directory.index", STRANGER, "/organizations"),
    Seen("directory.show", STRANGER, "/organizations", (ORGANIZATION,)),
    Seen("activities.index", STRANGER, "/activities?phase=all"),
    Seen("activities.index", VOLUNTEER, "/activities?phase=all"),
    Seen("activities.show", STRANGER, "/activities", (ACTIVITY,)),
    Seen("activities.show", VOLUNTEER, "/volunteer/activities", (ACTIVITY,)),
    Seen("activities.poster", STRANGER, "/activities", (ACTIVITY, r"/poster$")),
    Seen("activities.mine", VOLUNTEER, "/volunteer/activities"),
    Seen(
        "activities.withdraw_from",
        VOLUNTEER,
        "/volunteer/activities?tab=waiting",
        (ACTIVITY, r"/shifts/[0-9]+/withdraw"),
    ),
    Seen("accounts.log_in", STRANGER, "/login"),
    Seen("accounts.scan", STRANGER, "/login/scan"),
    Seen("accounts.agreement", STRANGER, "/volunteer/register", (r"/agreements/privacy-notice/",)),
    Seen("accounts.renew", VOLUNTEER, "/agreements/renew"),
    Seen("volunteers.register", STRANGER, "/volunteer/register"),
    Seen("volunteers.register", NEWCOMER, "/volunteer/register"),
    Seen("volunteers.recover", NEWCOMER, "/volunteer/recover"),
    Seen("volunteers.registered", VOLUNTEER, "/volunteer/registered"),
    Seen("volunteers.show", VOLUNTEER, "/volunteer"),
    Seen("volunteers.edit", VOLUNTEER, "/volunteer/edit"),
    Seen("volunteers.change_guardian", VOLUNTEER, "/volunteer/guardian"),
    Seen("volunteers.correct_identity", VOLUNTEER, "/volunteer/identity"),
    Seen("organizations.find", VOLUNTEER, "/volunteer/organizations"),
    Seen("organizations.leave", VOLUNTEER, "/volunteer", (r"/leave$",)),
    Seen("own_data.show", VOLUNTEER, "/account"),
    Seen("own_data.change_phone", VOLUNTEER, "/account/phone"),
    Seen("own_data.data", VOLUNTEER, "/account/data"),
    Seen("own_data.withdraw_consent", VOLUNTEER, "/account", (r"/consents/[a-z-]+/withdraw$",)),
    Seen("own_data.close", VOLUNTEER, "/account/close"),
    Seen("organizations.register", NEWCOMER, "/organization/register"),
    Seen("organizations.show", ORGANISER, "/organization"),
    Seen("organization_edits.edit", ORGANISER, "/organization/edit"),
    Seen("organization_expected.index", PARENT, "/organization/expected"),
    Seen("organization_reviews.index", PARENT, "/organization/reviews"),
    Seen("organization_reviews.review", PARENT, "/organization/reviews", (REVIEW,)),
    Seen("publishing.new", ORGANISER, "/organization/activities/new"),
    Seen("publishing.copy", ORGANISER, "/organization/activities/copy"),
    Seen("publishing.to_review", ORGANISER, "/organization/below/activities"),
    Seen("publishing.index", ORGANISER, "/organization/activities"),
    Seen("publishing.show", ORGANISER, "/organization/activities", (OWN_ACTIVITY,)),
    Seen("publishing.edit", ORGANISER, "/organization/activities", (OWN_ACTIVITY, r"/edit$")),
    Seen("publishing.refuse_sign_up", ORGANISER, "/organization/activities", (OWN_ACTIVITY, r"/refuse/")),
    Seen("publishing.roster", ORGANISER, "/organization/activities", (OWN_ACTIVITY, r"/roster$")),
    Seen(
        "publishing.put_on_list",
        ORGANISER,
        "/organization/activities",
        (OWN_ACTIVITY, r"/roster$", r"/roster/add(\?|$)"),
    ),
    Seen(
        "publishing.message_all",
        ORGANISER,
        "/organization/activities",
        (OWN_ACTIVITY, r"/roster$", r"/roster/message(\?|$)"),
    ),
    Seen(
        "publishing.message_one",
        ORGANISER,
        "/organization/activities",
        (OWN_ACTIVITY, r"/sign-ups/[0-9]+/message(\?|$)"),
    ),
    Seen("publishing.export", ORGANISER, "/organization/activities", (OWN_ACTIVITY, r"/roster$", r"/export$")),
    Seen("publishing.reveal_phone", ORGANISER, "/organization/activities", (OWN_ACTIVITY, r"/phone(\?|$)")),
    Seen("publishing.export_requests", ORGANISER, "/organization/exports"),
    Seen("members.index", ORGANISER, "/organization/volunteers"),
    Seen("members.show", ORGANISER, "/organization/volunteers", (MEMBER,)),
    Seen("members.requests", ORGANISER, "/organization/volunteers/requests"),
    Seen("members.remove", ORGANISER, "/organization/volunteers", (MEMBER, r"/remove$")),
    Seen("members.reveal_facts", ORGANISER, "/organization/volunteers", (MEMBER, r"/reveal$")),
    Seen("governance.removals", VOLUNTEER, "/volunteer/removals"),
    Seen("governance.index", ORGANISER, "/organization/appeals"),
    Seen("publishing.cancel", ORGANISER, "/organization/activities", (OWN_ACTIVITY, r"/cancel$")),
    Seen("publishing.deadline", ORGANISER, "/organization/activities", (OWN_ACTIVITY, r"/deadline$")),
    Seen("accounts.prove", VOLUNTEER, "/login/prove"),
    Seen("teams.index", ORGANISER, "/organization/teams"),
    Seen("teams.new", ORGANISER, "/organization/teams/new"),
    Seen("teams.show", ORGANISER, "/organization/teams", (TEAM,)),
    Seen("teams.edit", ORGANISER, "/organization/teams", (TEAM, r"/edit$")),
    Seen("tree.index", ORGANISER, "/organization/below"),
    Seen("tree.show", ORGANISER, "/organization/below", (BELOW,)),
    Seen("tree.move", ORGANISER, "/organization/below", (BELOW, r"/move$")),
    Seen("tree.change_standing", ORGANISER, "/organization/below?q=青泥洼桥", (BELOW, r"/standing/suspend$")),
    Seen("activities_below.index", ORGANISER, "/organization/below", (BELOW, r"/below/[^/]+/activities$")),
    Seen("admins.index", ORGANISER, "/organization/admins"),
    Seen("admins.leave", ORGANISER, "/organization/admins/leave"),
    Seen("admins.me", ORGANISER, "/organization/admins/me"),
    Seen("invitations.index", NEWCOMER, "/organization/invitations"),
    Seen("errors", STRANGER, "/no-such-page"),
)

#: Answered with a file, a redirect or a line for a program.
NO_PAGES = {
    "gallery.picture",
    "organization_papers.application",
    "organization_papers.logo",
    "accounts.come_back",
    "accounts.scan_state",
    "activities.calendar",
    "activities.draw_proof",
    "activities.qr_code",
    "group_registration.template",
    "invitations.open_link",
    "links.attachment",
    "organization_expected.qr_code",
    "own_data.download",
}
#: Looked at in the walks that lead to them: test_log_in_by_scan.py, test_walk.py, test_roster.py,
#: test_new_owner.py, test_admins.py, test_publish.py, test_activity_review.py, test_organization_review.py,
#: test_group_registration.py, test_long_list.py.
IN_WALKS = {
    "accounts.confirm_log_in",
    *("admins.invite", "admins.change", "admins.hand_over", "admins.appoint", "admins.appointed"),
    *("invitations.show", "tree.merge", "tree.pause"),
    *("organizations.registered", "organizations.withdraw", "organization_edits.review_change"),
    "publishing.give_place",
    "publishing.export_request",
    "publishing.preview",
    "publishing.review",
    "members.reject",
    "governance.appeal",
    "governance.decide",
    "volunteers.confirm_owner",
    *("group_registration.index", "group_registration.show", "group_registration.undo", "invited.show"),
}


def _first_link(page: Page, pattern: str) -> str:
    found = [link for link in page.evaluate("[...document.links].map(a => a.href)") if re.search(pattern, link)]
    assert found, f"{page.url} has no link like {pattern}"
    return str(found[0])


def log_in(page: Page, product: Product, phone: str) -> None:
    """By phone and code, outside WeChat."""
    page.goto(f"{product.site}/login")
    page.get_by_label("手机号").fill(phone)
    page.get_by_role("button", name="发送验证码").click()
    expect(page.get_by_text("验证码已发出")).to_be_visible()
    sent = requests.get(f"{product.phone}/sandbox/sms", params={"phone": phone}, timeout=10).json()
    page.get_by_label("验证码").fill(sent[0]["code"])
    page.get_by_role("button", name="下一步").click()
    expect(page).not_to_have_url(re.compile("/login"))

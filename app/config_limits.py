"""The numbers of the settings: how many, how often, how long. Each has the default of the rule it serves."""

from pydantic import Field

from app.config_values import Section


class Limits(Section):
    """Each number of a rule that an operator may tighten or loosen."""

    codes_per_phone_day: int = Field(default=10, ge=1)
    codes_per_address_hour: int = Field(default=20, ge=1)
    codes_per_address_day: int = Field(default=60, ge=1)
    codes_per_site_day: int = Field(default=3000, ge=1)
    codes_before_puzzle: int = Field(default=3, ge=0)
    code_interval_seconds: int = Field(default=60, ge=0)
    wrong_codes_per_address_hour: int = Field(default=30, ge=1)
    wrong_codes_per_site_hour: int = Field(default=1000, ge=1)
    texts_per_phone_day: int = Field(default=3, ge=0)
    texts_per_site_day: int = Field(default=500, ge=0)
    text_soon_hours: int = Field(default=24, ge=1, le=168)
    session_idle_hours: int = Field(default=12, ge=1)
    session_days: int = Field(default=30, ge=1)
    owner_check_days: int = Field(default=180, ge=1)
    body_bytes: int = Field(default=65536, ge=1024)
    form_bytes: int = Field(default=262144, ge=65536)
    picture_bytes: int = Field(default=5_000_000, ge=100_000, le=50_000_000)
    picture_pixels: int = Field(default=40_000_000, ge=1_000_000, le=200_000_000)
    pictures_in_hand: int = Field(default=30, ge=10)
    id_numbers_per_account_day: int = Field(default=3, ge=1)
    id_numbers_per_address_day: int = Field(default=10, ge=1)
    volunteer_min_age: int = Field(default=14, ge=0, le=100)
    activity_days: int = Field(default=366, ge=1)
    organization_depth: int = Field(default=6, ge=2, le=20)
    home_organizations: int = Field(default=5, ge=1)
    organization_admins: int = Field(default=5, ge=1, le=50)
    members_per_admin: int = Field(default=0, ge=0)
    invitation_hours: int = Field(default=72, ge=1, le=720)
    invitations_per_day: int = Field(default=20, ge=1)
    invitations_per_person_day: int = Field(default=20, ge=1)
    organizations_per_person_day: int = Field(default=5, ge=1)
    expected_reminder_days: int = Field(default=3, ge=0, le=30)
    notice_hours: int = Field(default=24, ge=1)
    messages_per_activity_day: int = Field(default=5, ge=1)
    reveals_per_day: int = Field(default=50, ge=1)
    exports_per_day: int = Field(default=5, ge=1)
    export_rows: int = Field(default=2500, ge=1)
    export_approval_hours: int = Field(default=24, ge=1, le=168)
    sheet_bytes: int = Field(default=10_000_000, ge=100_000, le=50_000_000)
    sheet_rows: int = Field(default=5000, ge=1, le=50_000)
    sheets_per_day: int = Field(default=10, ge=1)
    offer_hours: int = Field(default=12, ge=1, le=168)


class Retention(Section):
    draft_days: int = Field(default=30, ge=1)
    session_days: int = Field(default=30, ge=1)
    code_send_days: int = Field(default=7, ge=2)
    notice_days: int = Field(default=90, ge=7)
    invited_days: int = Field(default=30, ge=1)
    refused_days: int = Field(default=30, ge=1)

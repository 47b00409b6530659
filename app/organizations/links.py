"""Addresses that people are sent: they say which organisation the page is for."""

from app.organizations.models import Organization
from app.web.opened_for import IN_ADDRESS


def page_for(organization: Organization, path: str) -> str:
    """The page, as it is opened by somebody who may act for another organisation at that moment."""
    return f"{path}?{IN_ADDRESS}={organization.uid}"

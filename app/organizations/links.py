"""Addresses that people are sent: they say which organisation the page is for."""

from app.organizations.models import Organization, OrganizationState
from app.web.opened_for import IN_ADDRESS


def page_for(organization: Organization, path: str) -> str:
    """The page, as it is opened by somebody who may act for another organisation at that moment."""
    return f"{path}?{IN_ADDRESS}={organization.uid}"


def public_page(organization: Organization) -> str:
    """The page of the organisation, or of the one that took its place, for everybody; "/" where it has none now."""
    shown = organization.successor or organization
    return f"/organizations/{organization.uid}" if shown.state == OrganizationState.APPROVED else "/"

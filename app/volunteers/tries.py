"""Caps on what a person tries here: nobody finds out by trying whose an ID number is, or a team's password."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from app.accounts import tries
from app.accounts.guards import the_account
from app.accounts.phone_codes import address_index
from app.accounts.tries import Kind, Trier
from app.context import here
from app.database import in_transaction
from app.errors import AppError
from app.volunteers import services
from app.volunteers.errors import IdNumberNotAccepted
from app.volunteers.services import Identity

#: Wrong passwords a day: few enough that guessing is no way in, and enough for a room full of people who mistype.
WRONG_PASSWORDS, WRONG_PASSWORDS_OF_ADDRESS = 5, 30


def _trier() -> Trier:
    return Trier(the_account().phone or "", address_index(request.remote_addr or ""))


@contextmanager
def counted(identity: Identity) -> Iterator[None]:
    """Count a refusal of the ID number, and tell whom it belongs to. Raises IdNumberNotAccepted beyond the caps."""
    limits, now = here.config.limits, here.clock.now()
    account_id = the_account().id
    kind = Kind("id-number", limits.id_numbers_per_account_day, limits.id_numbers_per_address_day)
    subject = f"{identity.id_type}:{identity.id_number}"
    try:
        with tries.counted(kind, _trier(), subject, _Capped, now):
            yield
    except _Capped:
        raise IdNumberNotAccepted from None
    except IdNumberNotAccepted:
        in_transaction(lambda: services.warn_holder(identity, account_id, now=now))
        raise


class _Capped(IdNumberNotAccepted):
    """The number was not even looked up."""


@contextmanager
def counted_password(organization_uid: str, password: str, refusal: type[AppError]) -> Iterator[None]:
    """Count a wrong password of an organisation; nothing to count when none is given."""
    if not password:
        yield
        return
    kind = Kind("join-password", WRONG_PASSWORDS, WRONG_PASSWORDS_OF_ADDRESS)
    with tries.counted(kind, _trier(), f"{organization_uid}:{password}", refusal, here.clock.now()):
        yield

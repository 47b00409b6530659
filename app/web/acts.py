"""What is done with a form that was sent."""

from collections.abc import Callable

from app.database import in_transaction
from app.errors import AppError
from app.web.forms import Form


def attempt(form: Form, act: Callable[[], object]) -> bool:
    """Whether what was sent is in order and was done, as one transaction; a refusal stands beside its field."""
    if not form.validate_on_submit():
        return False
    try:
        in_transaction(act)
    except AppError as error:
        form.refuse(error)
        return False
    return True

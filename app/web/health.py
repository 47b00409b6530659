"""Is the process up, and is all that it needs within reach?"""

from collections.abc import Iterator

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import migrate, seals
from app.context import here
from app.redis import RedisError
from app.web.guards import machine

bp = Blueprint("health", __name__)

IN_ORDER = "database_in_order"


@bp.get("/healthz")
@machine
def up() -> ResponseReturnValue:
    return {"status": "ok"}


@bp.get("/readyz")
@machine
def ready() -> ResponseReturnValue:
    missing: list[str] = []
    try:
        missing += _database_lacks()
    except SQLAlchemyError:
        missing.append("database")
    try:
        here.redis.ping()
    except RedisError:
        missing.append("redis")
    return {"status": "missing" if missing else "ok", "missing": missing}, 503 if missing else 200


def _database_lacks() -> Iterator[str]:
    """Raises SQLAlchemyError when it cannot be reached."""
    with here.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        # What was in order once stays so: a process changes neither its keys nor its version.
        if current_app.extensions.get(IN_ORDER):
            return
        if migrate.lack(here.engine):
            yield "migrations"
        elif any(seals.faults(connection)):
            yield "keys"
        else:
            current_app.extensions[IN_ORDER] = True

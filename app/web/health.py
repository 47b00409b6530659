"""Is the process up, and is all that it needs within reach?"""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import seals
from app.context import here
from app.redis import RedisError
from app.web.guards import machine

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@machine
def up() -> ResponseReturnValue:
    return {"status": "ok"}


@bp.get("/readyz")
@machine
def ready() -> ResponseReturnValue:
    missing = []
    try:
        with here.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            # Once they fit they go on fitting: the keys of a process do not change.
            current_app.extensions["keys_fit"] = current_app.extensions.get("keys_fit") or not any(
                seals.faults(connection)
            )
        if not current_app.extensions["keys_fit"]:
            missing.append("keys")
    except SQLAlchemyError:
        missing.append("database")
    try:
        here.redis.ping()
    except RedisError:
        missing.append("redis")
    return {"status": "missing" if missing else "ok", "missing": missing}, 503 if missing else 200

"""友情链接: policy documents; and the front page for those who come without the menu."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.config import from_root
from app.context import here
from app.errors import NotFound
from app.links.policies import all_policies, find_policy
from app.web import markdown
from app.web.guards import public

bp = Blueprint("links", __name__)


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    return render_template("links/home.html")


@bp.get("/policies")
@public
def policies() -> ResponseReturnValue:
    """政策文件"""
    return render_template("links/policies.html", policies=all_policies(from_root(here.config.content.policies)))


@bp.get("/policies/<slug>")
@public
def policy(slug: str) -> ResponseReturnValue:
    found = find_policy(from_root(here.config.content.policies), slug)
    if found is None:
        raise NotFound
    return render_template("links/policy.html", policy=found, text=markdown.render(found.text))

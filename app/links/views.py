"""友情链接: the front page, the links, 政策文件."""

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue

from app.config import from_root
from app.context import here
from app.errors import NotFound
from app.links import policies as documents
from app.links.policies import all_policies, find_policy, matching
from app.organizations.guards import is_invited
from app.web import markdown, readers
from app.web.guards import public
from app.wechat.gateway import outside_links

bp = Blueprint("links", __name__)


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """What the menu offers, for visitors outside WeChat."""
    outside = outside_links(from_root(here.config.content.menus))
    return render_template("links/home.html", outside=outside, is_invited=is_invited())


@bp.get("/links")
@public
def links() -> ResponseReturnValue:
    """友情链接: the addresses of the menu file."""
    return render_template("links/links.html", outside=outside_links(from_root(here.config.content.menus)))


@bp.get("/policies")
@public
def policies() -> ResponseReturnValue:
    """政策文件"""
    every = all_policies(from_root(here.config.content.policies))
    categories = sorted({policy.category for policy in every if policy.category})
    category = request.args.get("category", "")
    text = readers.search_text(request.args.get("q"))
    category = category if category in categories else ""
    found = matching(every, text=text, category=category)
    facts = {"text": text, "category": category, "categories": categories}
    return render_template("links/policies.html", policies=found, **facts)


@bp.get("/policies/<slug>")
@public
def policy(slug: str) -> ResponseReturnValue:
    folder = from_root(here.config.content.policies)
    found = find_policy(folder, slug)
    if found is None:
        raise NotFound
    text, contents = markdown.render_with_contents(found.text)
    facts = {
        "newer": find_policy(folder, found.replaced_by) if found.replaced_by else None,
        "older": documents.replaces(folder, slug),
        "attachments": documents.attachments(folder, slug),
    }
    return render_template("links/policy.html", policy=found, text=text, contents=contents, **facts)


@bp.get("/policies/<slug>/<filename>")
@public
def attachment(slug: str, filename: str) -> ResponseReturnValue:
    """A file beside a document, always to be saved, never shown as a page of ours."""
    folder = from_root(here.config.content.policies)
    offered = {one.name: one for one in documents.attachments(folder, slug)}
    if find_policy(folder, slug) is None or filename not in offered:
        raise NotFound
    one = offered[filename]
    return send_file(folder / slug / one.name, mimetype=one.media_type, as_attachment=True, download_name=one.name)

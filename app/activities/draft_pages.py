"""What is done to a draft or a template by one press."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.activities import drafts, reviews, services
from app.activities.publishing import bp, own_activity_or_404, own_published_or_404
from app.database import in_transaction
from app.organizations import permissions
from app.organizations.guards import admins_only, the_organization

__all__ = ["bp"]


@bp.post("/organization/activities/<id:activity_id>/drop")
@admins_only(permissions.PUBLISH)
def drop(activity_id: int) -> ResponseReturnValue:
    """删除草稿"""
    in_transaction(lambda: drafts.drop(own_activity_or_404(activity_id)))
    flash("草稿已删除")
    return redirect(url_for(".index", phase="draft"), 303)


@bp.post("/organization/activities/<id:activity_id>/take-back")
@admins_only(permissions.PUBLISH)
def take_back(activity_id: int) -> ResponseReturnValue:
    """撤回审核"""
    in_transaction(lambda: reviews.take_back(own_activity_or_404(activity_id)))
    flash("已撤回，改好后再提交")
    return redirect(url_for(".preview", activity_id=activity_id), 303)


@bp.get("/organization/activities/copy")
@admins_only(permissions.PUBLISH)
def copy() -> ResponseReturnValue:
    """从模板或以前的活动开始"""
    models = drafts.to_copy(the_organization())
    return render_template("activities/copy.html", models=models, organization=the_organization())


@bp.post("/organization/activities/<id:activity_id>/template")
@admins_only(permissions.PUBLISH)
def template(activity_id: int) -> ResponseReturnValue:
    """设为模板, 不再作模板"""
    is_template = request.form.get("is_template") == "y"
    in_transaction(lambda: services.mark(own_published_or_404(activity_id), is_template=is_template))
    flash("已设为模板，发布新活动时可以从它开始" if is_template else "不再作模板")
    return redirect(url_for(".show", activity_id=activity_id), 303)

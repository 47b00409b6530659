"""STVS: the backend of a WeChat Official Account for science and technology volunteers."""

from datetime import timedelta

from flask import Flask, url_for
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app import config, crypto, database, files, jobs, logging, redis, regions, sms
from app.accounts import oauth as accounts_oauth
from app.accounts import renewal as accounts_renewal
from app.accounts import replies as accounts_replies
from app.accounts import scan_views as accounts_scan_views
from app.accounts import visitor
from app.activities import below_pages as activities_below
from app.activities import crowd as activities_crowd
from app.activities import draft_pages as activities_draft_pages
from app.activities import drafting as activities_drafting
from app.activities import ending_views as activities_ending
from app.activities import export_views as activities_export
from app.activities import gallery as activities_gallery
from app.activities import jobs as activities_jobs
from app.activities import joining as activities_joining
from app.activities import previewing as activities_previewing
from app.activities import review_views as activities_review
from app.clock import Clock, SystemClock
from app.commands import register_commands
from app.config import ROOT, Config
from app.context import NAME, Context
from app.governance import views as governance_views
from app.group_registration import activation as group_activation
from app.group_registration import jobs as group_registration_jobs
from app.group_registration import views as group_registration_views
from app.group_registration.homes import GroupHomes
from app.links import directory as links_directory
from app.links import views as links_views
from app.notices import jobs as notices_jobs
from app.notices import texts as notices_texts
from app.organizations import admin_pages as organizations_admin_pages
from app.organizations import edit_views as organizations_edit_views
from app.organizations import expected_views as organizations_expected_views
from app.organizations import invitation_pages as organizations_invitation_pages
from app.organizations import jobs as organizations_jobs
from app.organizations import joining as organizations_joining
from app.organizations import members_pages as organizations_members_pages
from app.organizations import paper_pages as organizations_paper_pages
from app.organizations import review_views as organizations_review_views
from app.organizations import switch_pages as organizations_switch_pages
from app.organizations import team_pages as organizations_team_pages
from app.organizations import tree_pages as organizations_tree_pages
from app.own_data import jobs as own_data_jobs
from app.own_data import views as own_data_views
from app.page_words import register_words
from app.volunteers import owner as volunteers_owner
from app.web import display, edge, error_pages, guards, headers, health, readers, templating
from app.wechat import setup as wechat
from app.wechat import views as wechat_views

TOPICS = (
    health.bp,
    accounts_scan_views.bp,
    volunteers_owner.bp,
    organizations_joining.bp,
    organizations_switch_pages.bp,
    organizations_review_views.bp,
    organizations_edit_views.bp,
    organizations_paper_pages.bp,
    organizations_expected_views.bp,
    organizations_team_pages.bp,
    organizations_tree_pages.bp,
    organizations_admin_pages.bp,
    organizations_invitation_pages.bp,
    activities_below.bp,
    organizations_members_pages.bp,
    governance_views.bp,
    group_registration_views.bp,
    group_activation.bp,
    activities_joining.bp,
    activities_draft_pages.bp,
    activities_drafting.bp,
    activities_previewing.bp,
    activities_ending.bp,
    activities_review.bp,
    activities_export.bp,
    activities_gallery.bp,
    links_directory.bp,
    links_views.bp,
    own_data_views.bp,
    wechat_views.bp,
)


def create_app(settings: Config | None = None, *, clock: Clock | None = None) -> Flask:
    """The application, put together. Raises ConfigError when the settings do not allow a start."""
    settings = settings or config.load()
    if not regions.exists(settings.site.region):
        raise config.ConfigError(f"setting site.region: there is no region {settings.site.region} (GB/T 2260)")
    logging.init(as_json=settings.site.is_https)
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    configure_flask(app, settings)
    install_parts(app, settings, clock or SystemClock())
    register_pages(app, settings)
    register_commands(app)
    activities_crowd.answer_presses(app)
    register_replies(app)
    serve(app, settings)
    return app


def configure_flask(app: Flask, settings: Config) -> None:
    site = settings.site
    app.config.update(
        SECRET_KEY=site.secret_key,
        # The prefix makes browsers refuse the cookie from another host or without https.
        SESSION_COOKIE_NAME="__Host-stvs" if site.is_https else "stvs",
        SESSION_COOKIE_SECURE=site.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.limits.session_days),
        MAX_CONTENT_LENGTH=settings.limits.form_bytes,
        MAX_FORM_MEMORY_SIZE=settings.limits.form_bytes,
        MAX_FORM_PARTS=1000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=True,
    )
    app.url_map.converters.update(id=readers.IdConverter, uid=readers.UidConverter)
    # In this order: the key of a form is read from its body.
    limits = settings.limits
    edge.bound_bodies(
        app,
        form_bytes=limits.form_bytes,
        picture_bytes=limits.picture_bytes,
        sheet_bytes=limits.sheet_bytes,
        may_upload=visitor.seems_logged_in,
    )
    CSRFProtect(app)


def install_parts(app: Flask, settings: Config, clock: Clock) -> None:
    index_key = config.decode_key(settings.privacy.index_key)
    crypto.install(crypto.KeyRing(settings.privacy.ring, index_key, settings.privacy.algorithm))
    engine = database.open_engine(settings.database)
    database.init_app(app, engine)
    queue = jobs.Jobs(settings)
    queue.init_app(app)
    notices_jobs.register(queue)
    activities_jobs.register(queue)
    group_registration_jobs.register(queue)
    organizations_jobs.register(queue)
    uploads = config.from_root(settings.content.uploads)
    queue.add("files.remove_orphans", lambda: files.remove_orphans(uploads, clock.now()), every_minutes=30)
    own_data_jobs.register(queue)
    store = redis.connect(settings.redis)
    app.extensions[NAME] = Context(
        config=settings,
        clock=clock,
        engine=engine,
        redis=store,
        jobs=queue,
        wechat=wechat.open_account(settings, store, clock),
        sms=sms.open_provider(settings.sms),
        homes=GroupHomes(),
        notice_texts=notices_texts.load(
            config.from_root(settings.content.notices), settings.notices.templates, settings.sms.templates
        ),
    )


def register_pages(app: Flask, settings: Config) -> None:
    edge.refuse_unreadable(app)
    templating.init_app(app)
    register_words(app)
    headers.init_app(app, settings)
    display.init_app(app)
    error_pages.init_app(app)
    accounts_oauth.init_app(app)
    accounts_renewal.init_app(app)
    # Several files may give pages to one blueprint.
    for topic in dict.fromkeys(TOPICS):
        app.register_blueprint(topic)
    app.view_functions["static"] = guards.machine(app.view_functions["static"])
    guards.check_audiences(app)


def register_replies(app: Flask) -> None:
    """Answer WeChat before Flask's dispatcher: see app/wechat/callback.py."""
    with app.test_request_context(base_url=app.extensions[NAME].config.site.public_url):
        pages = {name: url_for(name, _external=True) for name in wechat.PAGES}
    wechat.answer_pushes(app, pages, note_following=accounts_replies.note_following)


def serve(app: Flask, settings: Config) -> None:
    # Health checks on the machine itself ask by its own names.
    hosts = {settings.site.host, "127.0.0.1", "localhost"}
    known = edge.KnownHosts(app.wsgi_app, hosts)
    app.wsgi_app = edge.files(known, str(app.static_folder))  # type: ignore[assignment, method-assign]
    if settings.site.proxies:
        hops = settings.site.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]

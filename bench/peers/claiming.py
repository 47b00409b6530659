"""The product, with one tap whose effect is to do nothing: so a claim can be measured without what it protects."""

from app import config, create_app
from app.context import NAME
from app.cutoff import Cutoff
from app.wechat import replies
from app.wechat.callback import Callback
from app.wechat.routing import Handler, default_routes

application = create_app()
parts = application.extensions[NAME]
routes = default_routes(application.extensions[replies.NAME])
#: The product answers this event with nothing; here it is answered by the help, and claimed.
routes.events["scancode_waitmsg"] = Handler(lambda push: application.extensions[replies.NAME].help, lambda push: None)
application.wsgi_app = Callback(  # type: ignore[method-assign]
    application, config.load(), parts.redis, parts.clock, routes, cutoff=Cutoff(parts.engine)
)

"""What gunicorn imports (`gunicorn wsgi`), and what `flask` commands run in."""

import gc
import sys

# All that is loaded here stays: to look for garbage among it meanwhile takes a tenth of the start.
gc.disable()

from app import create_app
from app.config import ConfigError
from app.crypto import new_key

if sys.argv[1:] == ["privacy", "new-key"]:
    # Asked before there are settings, for the key is one of them.
    print(new_key())  # noqa: T201
    raise SystemExit(0)

try:
    application = create_app()
except ConfigError as error:
    print(error, file=sys.stderr)  # noqa: T201
    # 3 tells gunicorn that starting again would not help.
    raise SystemExit(3) from None
gc.freeze()
gc.enable()

"""How gunicorn runs the site: `gunicorn -c deploy/gunicorn.conf.py wsgi`."""

import os
import sys

from app.config import ConfigError, load

try:
    settings = load()
except ConfigError as error:
    print(error, file=sys.stderr)  # noqa: T201
    raise SystemExit(3) from None

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
# The Redis inside the process belongs to one process; with a real one, as many as there are processors.
workers = 1 if settings.redis.url == "memory://" else (os.cpu_count() or 1) + 1
worker_class = "gthread"
# Few threads and more workers: the same rate, a third of the slowest answers' time.
threads = 8 if workers == 1 else 4
timeout = 30
graceful_timeout = 30
keepalive = 15
max_requests = 20_000
max_requests_jitter = 2_000
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# Lines about requests would hold signatures, codes and addresses; the application logs what matters.
accesslog = None
errorlog = "-"
loglevel = "warning"

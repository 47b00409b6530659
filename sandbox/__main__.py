"""`python -m sandbox`: serve until told to stop."""

import contextlib
import signal
import sys

from sandbox.application import serve
from sandbox.settings import SettingsError, load


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """0 when stopped by a signal, 1 when it cannot start."""
    signal.signal(signal.SIGTERM, stop)
    try:
        server = serve(load())
    except (SettingsError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    host = f"[{server.host}]" if ":" in server.host else server.host
    print(f"sandbox: http://{host}:{server.port}/", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())

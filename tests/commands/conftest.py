import pytest


@pytest.fixture
def flask(app):
    """Type a command; `flask("privacy", "export", "--phone", …)`."""

    def flask(*words, **more):
        return app.test_cli_runner().invoke(args=list(words), **more)

    return flask

import pytest


@pytest.fixture
def flask(app, world, tmp_path):
    """Type a command; `flask("privacy", "export", "--phone", …)`. What it makes of files lies apart."""

    def flask(*words, **more):
        return app.test_cli_runner().invoke(args=list(words), **more)

    with world.settings(content={"uploads": str(tmp_path / "uploads")}):
        yield flask

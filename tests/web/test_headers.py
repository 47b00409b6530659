"""What a browser is told with every answer."""


def test_nothing_runs_that_is_not_ours_and_nothing_is_kept(world):
    for path in ("/", "/login", "/activities", "/none", "/healthz"):
        headers = world.browser().get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        assert "base-uri 'none'" in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_each_page_has_a_number_of_its_own_for_its_scripts(world):
    browser = world.browser()
    policies = {browser.get("/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_a_breakdown_shows_a_number_and_nothing_else(world, app, monkeypatch):
    def broken():
        raise RuntimeError("a secret of ours in /srv/stvs")

    broken.audience = "public"
    monkeypatch.setitem(app.view_functions, "links.home", broken)
    answer = world.browser().get("/")
    assert answer.status_code == 500
    text = answer.get_data(as_text=True)
    assert "编号" in text
    assert "secret" not in text
    assert "/srv" not in text
    assert "Traceback" not in text
    assert "Content-Security-Policy" in answer.headers

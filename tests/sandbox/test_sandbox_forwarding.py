"""The in-app browser: what the site sees, and what the person's browser gets."""

import gzip
import re
from urllib.parse import quote

import pytest
import requests
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

APP_ID = "wx0123456789abcdef"
PAGE = {"Sec-Fetch-Dest": "iframe", "User-Agent": "Robot/1.0"}


@pytest.fixture
def browser(sandbox, site):
    """A way to ask through one person's forwarder."""

    def ask(person, path, method="GET", headers=None, **more):
        opened = sandbox.get(f"/phone/{person}/open", url=site.url + path)["frame"]
        return requests.request(
            method, opened, headers={**PAGE, **(headers or {})}, allow_redirects=False, timeout=10, **more
        )

    return ask


def origin_of(response):
    return re.match(r"http://[^/]+", response.url)[0]


def test_the_site_sees_wechat(browser, site):
    browser("chen", "/a%20b/?x=%E4%BD%A0&y=1")
    seen = site.next()
    assert seen.headers["User-Agent"] == "Robot/1.0 MicroMessenger/8.0.50 NetType/WIFI Language/zh_CN"
    assert f"http://{seen.host}" == site.url
    assert seen.environ["REQUEST_URI"] == "/a%20b/?x=%E4%BD%A0&y=1"


def test_forms_arrive_whole_with_the_sites_own_origin(browser, site):
    own = origin_of(browser("chen", "/"))
    site.next()
    headers = {"Origin": own, "Referer": own + "/form?a=1"}
    browser("chen", "/send", "POST", headers=headers, data={"name": "陈晓", "file": "x" * 100_000})
    seen = site.next()
    assert (seen.method, seen.form["name"], len(seen.form["file"])) == ("POST", "陈晓", 100_000)
    assert (seen.headers["Origin"], seen.headers["Referer"]) == (site.url, site.url + "/form?a=1")


def test_cookies_stay_with_their_person(browser, site):
    def remember(request):
        response = Response("ok")
        if "who" in request.args:
            response.set_cookie("who", request.args["who"], httponly=True)
        if "bye" in request.args:
            response.delete_cookie("who")
        return response

    site.behave = remember
    assert "Set-Cookie" not in browser("chen", "/?who=chen").headers
    browser("li", "/?who=li")
    site.forget()
    site.behave = remember
    browser("chen", "/", cookies={"who": "forged"})
    browser("li", "/")
    assert [site.next().cookies.get("who") for _ in range(2)] == ["chen", "li"]
    browser("chen", "/?bye=1")
    site.next()
    browser("chen", "/")
    assert "who" not in site.next().cookies


def test_cookies_survive_a_restart(start_sandbox, site, tmp_path):
    def opened(sandbox):
        return sandbox.get("/phone/chen/open", url=site.url + "/")["frame"]

    site.behave = lambda request: Response("ok", headers={"Set-Cookie": "who=chen; Path=/"})
    first = start_sandbox(STATE=str(tmp_path / "s.json"))
    requests.get(opened(first), timeout=5)
    first.stop()
    second = start_sandbox(STATE=str(tmp_path / "s.json"))
    site.forget()
    requests.get(opened(second), timeout=5)
    assert site.next().cookies["who"] == "chen"


def test_redirects_stay_inside(browser, site, sandbox):
    targets = {
        "/own": site.url + "/next?a=1",
        "/path": "/next",
        "/out": "https://example.com/x?y=1",
        "/login": f"{sandbox.url}/connect/oauth2/authorize?appid=1#wechat_redirect",
    }
    site.behave = lambda request: redirect(targets[request.path])

    def location(path):
        response = browser("chen", path)
        return response.headers["Location"].replace(origin_of(response), "")

    assert location("/own") == "/next?a=1"
    assert location("/path") == "/next"
    assert location("/out") == "/.sandbox/external?url=" + quote("https://example.com/x?y=1", safe="")
    assert location("/login") == "/connect/oauth2/authorize?appid=1#wechat_redirect"


def test_login_is_silent_and_for_the_one_who_holds_the_phone(browser, site, sandbox):
    back = quote(site.url + "/wechat/oauth", safe="")
    query = f"appid={APP_ID}&redirect_uri={back}&response_type=code&scope=snsapi_base&state=s1"
    response = browser("wang", f"/connect/oauth2/authorize?{query}")
    assert response.status_code == 302
    assert response.headers["Location"].startswith(origin_of(response) + "/wechat/oauth?code=")
    code = re.search(r"code=(\w+)", response.headers["Location"])[1]
    asked = {"appid": APP_ID, "secret": "0123456789abcdef0123456789abcdef", "grant_type": "authorization_code"}
    answer = sandbox.get("/sns/oauth2/access_token", code=code, **asked)
    assert answer["openid"] == sandbox.person("wang")["openid"]


def test_links_of_a_page_stay_inside(browser, site):
    page = (
        f'<title>活动 &amp; 报名</title><a class="x" href="{site.url}/a?b=1&amp;c=2">一</a>'
        '<a href=\'https://example.com/?q=1\'>二</a><a href="/c">三</a><link href="https://cdn.example.com/x.css">'
    )
    site.behave = lambda request: Response(page, content_type="text/html; charset=utf-8")
    response = browser("chen", "/page")
    response.encoding = "utf-8"
    assert f'href="{origin_of(response)}/a?b=1&amp;c=2"' in response.text
    assert "href='/.sandbox/external?url=https%3A%2F%2Fexample.com%2F%3Fq%3D1'" in response.text
    assert 'href="/c"' in response.text
    assert "https://cdn.example.com/x.css" in response.text


def test_headers_pass_and_the_phone_knows_the_title(browser, site, sandbox):
    headers = {"Content-Security-Policy": "frame-ancestors 'self'", "X-Own": "1", "Content-Language": "zh"}
    site.behave = lambda request: Response("<title>注册</title>", headers=headers, content_type="text/html")
    response = browser("chen", "/volunteer/register")
    assert {name: response.headers[name] for name in headers} == headers
    live = sandbox.get("/phone/chen/live")
    assert (live["title"], live["address"]) == ("注册", site.url + "/volunteer/register")


def test_compressed_files_pass_as_they_are(browser, site):
    packed = gzip.compress("你好".encode() * 1000)
    headers = {"Content-Encoding": "gzip", "ETag": '"1"'}
    site.behave = lambda request: Response(packed, headers=headers, content_type="text/css")
    response = browser("chen", "/static/x.css", headers={"Sec-Fetch-Dest": "style", "Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.content == "你好".encode() * 1000
    assert site.next().headers["Accept-Encoding"] == "gzip"


def test_head_and_not_modified(browser, site):
    site.behave = lambda request: Response(status=304) if request.headers.get("If-None-Match") else Response("x" * 10)
    assert browser("chen", "/", "HEAD").headers["Content-Length"] == "10"
    assert browser("chen", "/", headers={"If-None-Match": '"1"'}).status_code == 304


def test_a_site_that_is_down(start_sandbox):
    sandbox = start_sandbox(SITE_URL="http://127.0.0.1:1")
    opened = sandbox.get("/phone/chen/open", url="http://127.0.0.1:1/x")["frame"]
    response = requests.get(opened, timeout=5)
    assert response.status_code == 502
    assert "无法打开网页" in response.text


def test_what_an_address_means(sandbox, site):
    def meaning(url):
        return sandbox.get("/phone/chen/open", url=url)

    assert meaning("https://www.example.com/") == {"external": "https://www.example.com/"}
    assert meaning("一段文字") == {"text": "一段文字"}
    code = sandbox.call(
        "/cgi-bin/qrcode/create", {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "a"}}}
    )
    assert meaning(code["url"]) == {"ticket": code["ticket"]}
    assert meaning(site.url + "/a")["frame"].endswith("/a")
    named = sandbox.http.get(
        sandbox.url.replace("127.0.0.1", "localhost") + "/phone/chen/open", params={"url": site.url}
    )
    assert named.json()["frame"].startswith("http://localhost:")

"""Flask's hello world, a page of 20 rows without a database, and a form that is sent empty."""

from flask import Flask, render_template_string

application = Flask(__name__)
PAGE = """<!doctype html><title>Rows</title><ul>
{% for row in rows %}<li><a href="/rows/{{ row.id }}">{{ row.title }}</a> <span>{{ row.place }}</span></li>
{% endfor %}</ul>"""
ROWS = [{"id": number, "title": f"科普讲座 {number}", "place": f"社区活动室 {number}"} for number in range(20)]


@application.get("/")
def hello() -> str:
    return "<p>Hello, World!</p>"


@application.get("/rows")
def rows() -> str:
    return render_template_string(PAGE, rows=ROWS)


@application.post("/empty")
def empty() -> str:
    return ""

"""What a careful eye would find wrong with a page: contrast, labels, small targets, text that runs off the side."""

from collections.abc import Callable
from functools import cache

from playwright.sync_api import Frame, Page

from app.config import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: WeUI's and WCAG 2.2's (AAA) touch target, in CSS pixels.
TARGET = 44

#: Told of each page that is looked at: `make pictures` takes those that only a walk leads to.
watchers: list[Callable[[Page | Frame], None]] = []

#: Names of what can be pressed and is too small. A link inside a sentence is exempt (WCAG 2.5.8), one that
#: is a sentence of its own is not; a box or chip is pressed through its label.
SMALL_TARGETS = """
(least) => {
  const words = (node) => (node ? node.textContent.trim() : '');
  const inSentence = (link) => link.tagName === 'A' && link.parentElement.tagName === 'P'
    && !link.parentElement.classList.contains('links')
    && (/[^。！？!?]$/.test(words(link.previousSibling)) || /^[^。！？!?]/.test(words(link.nextSibling)));
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].map((one) => {
    if (one.type === 'hidden' || one.closest('[hidden]') || !one.checkVisibility()) return null;
    if (inSentence(one)) return null;
    if (one.classList.contains('skip')) return null;
    const box = (one.closest('label') || one).getBoundingClientRect();
    if (box.width === 0 || (box.width >= least - 0.5 && box.height >= least - 0.5)) return null;
    const name = (one.textContent || one.name || one.id).trim().slice(0, 30);
    return `${one.tagName.toLowerCase()} ${name} ${box.width.toFixed(0)}x${box.height.toFixed(0)}`;
  }).filter(Boolean);
}
"""
RUNS_OFF = """
() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > wide + 1)
    .slice(0, 3).map((one) => `${one.tagName}.${one.className} ends at ${one.getBoundingClientRect().right}`);
}
"""


@cache
def axe_source() -> str:
    assert AXE.is_file(), "axe-core is missing: NPM_WITH_DEV=1 scripts/build_assets.sh"
    return AXE.read_text(encoding="utf-8")


def faults(page: Page | Frame) -> list[str]:
    """One line a fault; none when the page is good."""
    for watch in watchers:
        watch(page)
    page.evaluate(axe_source())
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    lines = [
        f"axe {rule['id']} ({rule['impact']}): {node['html'][:120]} {node['failureSummary'][:200]}"
        for rule in found
        for node in rule["nodes"][:2]
    ]
    lines += [f"too small to press: {one}" for one in page.evaluate(SMALL_TARGETS, TARGET)]
    return lines + off_side(page)


def off_side(page: Page | Frame) -> list[str]:
    """What makes the page scroll sideways."""
    return [f"runs off the side: {one}" for one in page.evaluate(RUNS_OFF)]

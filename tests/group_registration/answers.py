"""What somebody whom an organisation put on its list answers, on the page as it is shown to them."""

INVITED = "/volunteer/invited"
AGREED = {"agreement": "y", "privacy": "y", "id_consent": "y"}


def filled(listed, **changes):
    """确认注册 with the facts of a row of the sheet, all boxes ticked."""
    facts = {"name": listed[0], "id_type": "01", "id_number": listed[2], "region": "210202"}
    return facts | {"skills": ["05", "08"], "services": ["K1"]} | AGREED | changes


def seen(browser):
    """Which invitation the page says it is about."""
    return {"invitation": browser.page(INVITED).hidden["invitation"]}


def agree(browser, data=None):
    return browser.post(INVITED, seen(browser) | (data or {}))


def refuse(browser):
    return browser.post(f"{INVITED}/refuse", seen(browser))

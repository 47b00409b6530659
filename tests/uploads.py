"""Photos that somebody sends with a form."""

from io import BytesIO

from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict

from app import config, files, pictures
from app.context import here
from app.database import in_transaction, session
from app.files import StoredFile
from app.organizations import papers
from app.organizations.models import APPLICATION, Organization


def photo(colour="teal", name="照片.jpg", size=(900, 600), **how):
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **how)
    return FileStorage(BytesIO(out.getvalue()), name)


def send(browser, path, form, *sent, name="pictures", **more):
    """Post the form with these files as the field of that name."""
    given = MultiDict({**form, "csrf_token": browser.form_key()})
    for file in sent:
        given.add(name, file)
    headers = {"Referer": f"{browser.base}/"}
    return browser.client.post(path, data=given, base_url=browser.base, headers=headers, **more)


def give_pages(world, team, number=1):
    """Give it so many pages, as its owner does."""
    bounds = {"most_bytes": 5_000_000, "most_pixels": 40_000_000, "sides": papers.SIDES[APPLICATION]}

    def put():
        now, folder = here.clock.now(), config.from_root(here.config.content.uploads)
        whose = {"account_id": team.admin.account_id, "organization_id": team.id, "is_sealed": True}
        for _ in range(number):
            made = pictures.read(photo(size=(3000, 2000)).stream.read(), **bounds)
            files.store_picture(made, APPLICATION, folder=folder, **whose, now=now)
        sent = [row.uid for row in session.scalars(select(StoredFile).where(StoredFile.owner_id.is_(None)))]
        papers.take(session.get_one(Organization, team.id), sent, "", by=team.admin.account_id)
        return sent

    return world.do(lambda: in_transaction(put))

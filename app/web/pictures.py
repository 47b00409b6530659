"""Pictures in forms and on their way to a browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from flask import Response, make_response, send_file
from werkzeug.datastructures import FileStorage
from wtforms import Field, ValidationError

from app import kept_bytes
from app.errors import AppError, NotFound
from app.files import StoredFile
from app.kept_bytes import SIZES, path_of
from app.web import readers
from app.web.guards import View

T = TypeVar("T")
YEAR = 31_536_000


def takes_pictures(most: int) -> Callable[[View], View]:
    """Let the bodies of a view's forms be as large as so many pictures. Stands below the audience."""

    def decorate(view: View) -> View:
        view.most_pictures = most  # type: ignore[attr-defined]
        return view

    return decorate


def takes_sheet(view: View) -> View:
    """Let the bodies of a view's forms hold one sheet. Stands below the audience."""
    view.most_sheets = 1  # type: ignore[attr-defined]
    return view


class PicturesField(Field):
    """Pictures: those that were sent before, by their names, and new ones. The first is the cover.

    A view calls `keep` before it judges the form, so that what was uploaded stays when something else is wrong.
    """

    data: list[str]

    def __init__(self, label: str, validators: Any = (), *, most: int, **more: Any) -> None:
        super().__init__(label, validators, **{"default": [], **more})
        self.most = most
        self.sent: list[FileStorage] = []
        self.refusals: list[str] = []

    def process_formdata(self, valuelist: list[Any]) -> None:
        names = [value for value in valuelist if isinstance(value, str)]
        self.data = [name for name in dict.fromkeys(names) if readers.form_key(name)][:100]
        self.sent = [value for value in valuelist if isinstance(value, FileStorage) and value.filename]

    def keep(self, known: Callable[[list[str]], list[str]], store: Callable[[bytes], str]) -> None:
        """Forget names that `known` does not give back, and store what was sent; `store` gives a name, or refuses."""
        self.data = known(self.data) if self.data else []
        for file in self.sent:
            if len(self.data) >= self.most > 1:
                self.refusals.append(f"{self.label.text}最多 {self.most} 张，多出的没有保存")
                break
            try:
                # Of one only, a new picture takes the place of the old one.
                self.data = [*(self.data if self.most > 1 else ()), store(file.stream.read())]
            except AppError as error:
                self.refusals.append(f"“{(file.filename or '')[:30]}”：{error.message}")
        self.sent = []

    def pre_validate(self, form: Any) -> None:
        if len(self.data) > self.most:
            self.refusals.append(f"{self.label.text}最多 {self.most} 张，现在有 {len(self.data)} 张")
        if self.refusals:
            raise ValidationError("；".join(self.refusals))


def send(folder: Path, file: StoredFile | None, size: str, *, is_public: bool) -> Response:
    """The picture. What everybody may see is kept by browsers and proxies; its bytes never change. Raises NotFound."""
    path = path_of(folder, file.uid, size) if file and size in SIZES else None
    if path is None or not path.is_file():
        raise NotFound
    response = send_file(path, mimetype="image/jpeg", conditional=True)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_public else "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


def send_sealed(folder: Path, file: StoredFile, size: str) -> Response:
    """A picture that lies sealed, for this visitor alone. Raises NotFound."""
    data = kept_bytes.read(folder, file.uid, size, is_sealed=True) if file.is_sealed and size in SIZES else None
    if data is None:
        raise NotFound
    response = make_response(data)
    response.mimetype = "image/jpeg"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response

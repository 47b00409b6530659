"""`flask policies …`: the documents under 政策文件."""

import shutil
from pathlib import Path

import click
from flask.cli import AppGroup

from app.config import from_root
from app.context import here
from app.links import policies as documents
from app.links.policies import PolicyFault, read

policies = AppGroup("policies", help="The documents under 政策文件.")


def _folder() -> Path:
    return from_root(here.config.content.policies)


@policies.command("list")
def list_command() -> None:
    """List the documents: name, date, whether in force, title."""
    for policy in documents.all_policies(_folder()):
        state = "in force" if policy.is_in_force else f"replaced by {policy.replaced_by}"
        click.echo(f"{policy.slug}  {policy.issued_on or '-'}  {state}  {policy.title}")


@policies.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check files, or all documents there are; exit status 1 when something must be mended."""
    faults = _faults(files or tuple(sorted(_folder().glob("*.md"))))
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SystemExit(1)
    click.echo("the documents are good")


def _faults(files: tuple[Path, ...]) -> list[str]:
    faults = []
    known = {path.stem for path in [*files, *_folder().glob("*.md")]}
    for path in files:
        if path.suffix != ".md":
            faults.append(f"{path}: documents are files that end in .md")
            continue
        try:
            policy = read(path)
        except PolicyFault as error:
            faults.append(str(error))
            continue
        if policy.replaced_by and policy.replaced_by not in known:
            faults.append(f"{path}: replaced_by names {policy.replaced_by}, which is no document")
    return faults


def _links(folder: str, names: list[str]) -> list[str]:
    """Those that would bring in what lies elsewhere."""
    return [name for name in names if (Path(folder) / name).is_symlink()]


@policies.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over documents that are there.")
def import_command(files: tuple[Path, ...], force: bool) -> None:
    """Take documents in, with the folder of attachments beside each: all of them, or none."""
    faults = _faults(files)
    there = [path.name for path in files if (_folder() / path.name).exists()]
    if there and not force:
        faults.append(f"{', '.join(there)}: there already; say --force to write over")
    if faults:
        raise click.ClickException("\n".join(faults))
    _folder().mkdir(parents=True, exist_ok=True)
    for path in files:
        beside = path.with_suffix("")
        if beside.is_dir():
            shutil.copytree(beside, _folder() / path.stem, ignore=_links, dirs_exist_ok=True)
        aside = _folder() / f"{path.name}.part"
        shutil.copyfile(path, aside)
        aside.rename(_folder() / path.name)
        click.echo(f"took in {path.stem}")


@policies.command()
@click.argument("slug")
@click.confirmation_option(prompt="Remove the document and its attachments?")
def remove(slug: str) -> None:
    """Take a document out."""
    path = _folder() / f"{slug}.md"
    if not documents.SLUG.fullmatch(slug) or not path.is_file():
        raise click.ClickException(f"there is no document {slug}; see `flask policies list`")
    path.unlink()
    shutil.rmtree(_folder() / slug, ignore_errors=True)
    click.echo(f"removed {slug}")

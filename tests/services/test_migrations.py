from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, select, text

from app import migrate, models
from app.activities.models import Activity

REVISIONS = [step.revision for step in ScriptDirectory.from_config(migrate._alembic()).walk_revisions()][::-1]


def tables(engine):
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_make_what_the_models_say(empty_database):
    assert migrate.pending(empty_database)
    migrate.upgrade(empty_database)
    assert not migrate.pending(empty_database)
    assert tables(empty_database) == set(models.metadata.tables)
    migrate.check(empty_database)


def test_down_to_nothing_and_up_again(empty_database):
    migrate.upgrade(empty_database)
    migrate.downgrade(empty_database, "base")
    assert tables(empty_database) == set()
    migrate.upgrade(empty_database)
    migrate.check(empty_database)


def test_every_step_can_be_taken_back(empty_database):
    for revision in REVISIONS:
        migrate.upgrade(empty_database, revision)
        before = {table: columns(empty_database, table) for table in tables(empty_database)}
        migrate.downgrade(empty_database, "-1")
        migrate.upgrade(empty_database, revision)
        assert {table: columns(empty_database, table) for table in tables(empty_database)} == before


def columns(engine, table):
    return [(column["name"], str(column["type"]), column["nullable"]) for column in inspect(engine).get_columns(table)]


def test_what_was_called_off_before_it_was_kept_when_is_known_by_what_was_written_down(app, world, team, clock):
    off, on = world.activity(team), world.activity(team)
    page = f"/organization/activities/{off.id}/cancel"
    assert world.browser(team.admin).post(page, {"reason": "台风"}).status_code == 303
    engine = app.extensions["database"]
    migrate.downgrade(engine, "0032")
    migrate.upgrade(engine)
    moments = world.rows(select(Activity.id, Activity.cancelled_at).order_by(Activity.id))
    assert moments == [(off.id, clock.now()), (on.id, None)]


def test_a_second_upgrade_does_nothing(empty_database):
    migrate.upgrade(empty_database)
    migrate.upgrade(empty_database)
    assert migrate.current(empty_database) == migrate.newest() == REVISIONS[-1]


def test_text_is_compared_byte_by_byte(empty_database):
    migrate.upgrade(empty_database)
    if empty_database.dialect.name != "mysql":
        return  # the others know nothing else
    query = "SELECT table_name, table_collation, engine FROM information_schema.tables WHERE table_schema = DATABASE()"
    with empty_database.connect() as connection:
        rows = connection.execute(text(query)).all()
    assert {tuple(row[1:]) for row in rows if row[0] != "alembic_version"} == {("utf8mb4_bin", "InnoDB")}


def test_the_commands_say_where_the_database_is(empty_database):
    app = Flask(__name__)
    app.extensions["database"] = empty_database
    app.cli.add_command(migrate.db)

    def run(*words):
        done = app.test_cli_runner().invoke(args=["db", *words])
        return done.exit_code, done.output.strip()

    newest = REVISIONS[-1]
    assert run("current") == (1, f"database: empty, program: {newest}")
    assert run("upgrade") == (0, f"empty -> {newest}")
    assert run("upgrade") == (0, f"nothing to do: the database is at {newest}")
    assert run("current") == (0, f"database: {newest}, program: {newest}")
    assert run("downgrade", "base", "--yes") == (0, f"{newest} -> empty")

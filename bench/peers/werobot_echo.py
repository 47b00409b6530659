"""WeRoBot's documented echo, its sessions switched off."""

import os

from werobot import WeRoBot

from bench.peers.account import AES_KEY, APP_ID, TOKEN

robot = WeRoBot(token=TOKEN)
robot.config["SESSION_STORAGE"] = False
if os.environ.get("BENCH_MODE") == "safe":
    robot.config["APP_ID"], robot.config["ENCODING_AES_KEY"] = APP_ID, AES_KEY


@robot.handler
def echo(message: object) -> str:
    return str(getattr(message, "content", "Sorry, can not handle this for now"))


application = robot.wsgi

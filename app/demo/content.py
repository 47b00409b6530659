"""A small credible world: organisations of 大连 and what they do. All made up, but the districts."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import codes

FILE = Path(__file__).with_name("plans.toml")
ROOT = "大连市科技志愿服务总队"
BY_REVIEW = "1"


@dataclass(frozen=True)
class Team:
    """One organisation; `parent` is the name of the one above it, `waits` whether that one has yet to say yes."""

    name: str
    line: str
    region: str
    address: str
    join_mode: str = codes.JOIN_AT_ONCE
    parent: str = ROOT
    waits: bool = False


#: The first is the root, the second 李梅's.
TEAMS = (
    Team(ROOT, "A", "210202", "中山区人民路街道科技巷 1 号", codes.CLOSED_TO_JOINING, parent=""),
    Team("中山区科技志愿服务队", "A", "210202", "中山区青泥洼桥街道科普路 3 号"),
    Team("沙河口区科技志愿服务队", "A", "210204", "沙河口区兴工街道科普路 5 号"),
    Team("甘井子区科技志愿服务队", "A", "210211", "甘井子区泉水街道科普路 7 号", BY_REVIEW),
    Team("旅顺口区科技志愿服务队", "A", "210212", "旅顺口区得胜街道科普路 9 号"),
    Team("瓦房店市科技志愿服务队", "A", "210281", "瓦房店市得利寺镇农技路 6 号"),
    Team("滨城农学会科技志愿服务队", "B", "210213", "金州区拥政街道农科路 12 号", BY_REVIEW),
    Team(
        *("星海中学科技志愿服务队", "C", "210204", "沙河口区星海湾街道学苑路 8 号", codes.CLOSED_TO_JOINING),
        parent="沙河口区科技志愿服务队",
    ),
    Team(
        *("青泥洼桥街道科普志愿服务队", "G", "210202", "中山区青泥洼桥街道党群服务中心", BY_REVIEW),
        parent="中山区科技志愿服务队",
    ),
    Team(
        *("老虎滩街道海洋科普志愿服务队", "G", "210202", "中山区老虎滩街道党群服务中心", BY_REVIEW),
        parent="中山区科技志愿服务队",
        waits=True,
    ),
)


@dataclass(frozen=True)
class Plan:
    """One activity. `days` from now it begins, at nine or, when it is today, just now; `more` are further facts."""

    title: str
    team: str
    category: str
    targets: list[str]
    region: str
    address: str
    days: int
    hours: int
    quota: int
    content: str
    #: Longitude and latitude; None: it is online.
    position: tuple[float, float] | None = None
    #: How many sign up; how many of them the organiser has not judged yet, refused, or that take it back.
    comers: int = 4
    undecided: int = 0
    refused: int = 0
    withdrawn: int = 0
    #: In so many days sign-up opens; None: it did when the activity was published.
    opens_in: int | None = None
    is_closed: bool = False
    is_cancelled: bool = False
    more: dict[str, Any] = field(default_factory=dict)


PLANS = tuple(Plan(**row) for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["plans"])

POLICY = """+++
title = "示例：科技志愿服务工作指引（演示用）"
number = "演示〔2026〕1号"
issuer = "演示单位"
date = 2026-03-05
category = "工作指引"
+++
这是一份**演示文件**，不是任何机关的正式文件。管理员把 Markdown 文件放进政策文件夹，就会出现在这里。

## 文件怎样写

- 开头两行 `+++` 之间写标题、文号、发文单位和日期；
- 下面是正文，可以有标题、列表、表格和链接。

| 项目 | 说明 |
|---|---|
| 标题 | 显示在列表里 |
| 日期 | 决定先后次序 |

### 一、标题分几级

正文里的小标题用 `##` 和 `###`，目录会自己列出来。

#### 1. 宽的表格

列很多的表格可以左右滑动：

| 服务项目 | 服务对象 | 负责单位 | 报名时间 | 服务地点 | 每次人数 | 联系人 |
|---|---|---|---|---|---|---|
| 社区防灾减灾知识讲座 | 社区居民 | 科技志愿服务队 | 活动前两周 | 社区活动室 | 30 至 50 人 | 活动页上的负责人 |
| 老年人智能手机课堂 | 老年人 | 街道志愿服务队 | 活动前一周 | 党群服务中心 | 10 至 20 人 | 活动页上的负责人 |

### 附件

随文件一起发布的表格和图片放在同名的文件夹里。
"""

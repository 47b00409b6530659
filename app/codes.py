"""Code lists: what is stored and what people read (domain facts, section 4). Codes are never reused."""

GENDERS = {"1": "男", "2": "女", "0": "未知", "9": "未说明"}

RESIDENT_ID = "01"
ID_TYPES = {
    RESIDENT_ID: "内地居民身份证",
    "02": "香港居民身份证",
    "03": "澳门居民身份证",
    "04": "台湾居民身份证",
    "05": "护照",
    "06": "军官证",
    "07": "士兵证",
    "99": "其他有效旅行证件",
}

SKILLS = {
    "01": "医疗急救",
    "02": "体育竞技",
    "03": "驾驶运输",
    "04": "法律服务",
    "05": "信息技术",
    "06": "经营管理",
    "07": "公共关系",
    "08": "教育培训",
    "09": "电器维修",
    "10": "安全保卫",
    "11": "财会金融",
    "12": "设计创意",
    "13": "客服接待",
    "14": "物业养护",
    "15": "新闻写作",
    "16": "精通外语",
    "17": "音乐",
    "18": "心理咨询",
    "19": "护理照护",
    "20": "手工制作",
    "21": "文化艺术",
    "22": "网络技术",
    "23": "摄像摄影",
    "99": "其他",
}

#: 科技志愿服务范围: the primary category of every activity, and what a volunteer is willing to do.
SERVICE_SCOPES = {
    "K1": "基层阵地科普服务",
    "K2": "创新驱动与乡村振兴服务",
    "K3": "场馆与公共场所服务",
    "K4": "大型主题活动服务",
    "K5": "基层科技设施管理与群众性科技活动",
    "K6": "重点人群服务",
    "K7": "互联网科技服务",
    "K8": "其他公益性科技类服务",
}

TARGET_GROUPS = {
    "11": "社会公众",
    "K1": "青少年",
    "01": "儿童",
    "02": "妇女",
    "03": "老年人",
    "04": "残障人士",
    "05": "优抚对象",
    "06": "贫困家庭",
    "07": "特殊群体",
    "08": "病患者",
    "09": "农村居民",
    "10": "城镇居民",
    "K2": "科技工作者",
    "K3": "企业",
    "K4": "党政部门",
    "99": "其他",
}

#: Which line an organisation belongs to; it decides who manages it.
ST_LINES = {
    "A": "科协（省/市/区县/乡镇街道）",
    "B": "学会、协会、研究会",
    "C": "学校",
    "D": "企业/园区",
    "E": "科研院所/医院",
    "F": "农技协",
    "G": "专业志愿服务队",
    "H": "其他",
}

JOIN_AT_ONCE = "2"
CLOSED_TO_JOINING = "3"
JOIN_MODES = {
    "1": "审核加入",
    JOIN_AT_ONCE: "实名即可加入",
    CLOSED_TO_JOINING: "不对外招募",
}


def labels(codes: dict[str, str], chosen: list[str]) -> str:
    return "、".join(codes.get(code, code) for code in chosen)

"""Documents the rules cite: short names for a sentence, and how binding a source is, in words."""

from __future__ import annotations

SHORT_NAMES = {
    "《托育机构设置标准（试行）》（国卫人口发〔2019〕58号）": "设置标准",
    "《托育机构管理规范（试行）》（国卫人口发〔2019〕58号）": "管理规范",
    "《托育机构登记和备案办法（试行）》（国卫办人口发〔2019〕25号）": "登记和备案办法",
    "《托儿所幼儿园卫生保健管理办法》（卫生部、教育部令第76号）": "卫生保健管理办法",
    "《托育机构质量评估标准》（WS/T 821—2023）": "WS/T 821—2023",
    "《托育机构卫生评价基本标准（试行）》（2022年）": "卫生评价基本标准",
    "《托儿所、幼儿园建筑设计规范》（JGJ 39—2016，2019年版）": "JGJ 39—2016",
    "《盐城市推进3岁以下婴幼儿照护服务工作实施方案》": "市实施方案",
    "《建筑防火通用规范》（GB 55037—2022）": "GB 55037—2022",
    "《托育机构消防安全指南（试行）》（2022年）": "消防安全指南",
    "《儿童入托、入学预防接种证查验办法》（2021年）": "预防接种证查验办法",
    "《集中用餐单位落实食品安全主体责任监督管理规定》": "集中用餐规定",
    "《中华人民共和国消防法》": "消防法",
    "《中华人民共和国食品安全法》": "食品安全法",
    "《中华人民共和国未成年人保护法》": "未成年人保护法",
}
# How binding, in words. [S] sources split into law and standards nobody is obliged to keep (domain.md §3.3, last lines).
SOURCE_LABELS = {
    "LAW": "法规文件",
    "MANDATORY": "强制性标准",
    "STANDARD": "推荐性标准",
    "GUIDE": "指南",
    "PRACTICE": "通行做法",
    "AGREED": "平台约定",
}
SOURCE_NOTES = {
    "LAW": "法律、法规、规章和规范性文件的要求。",
    "MANDATORY": "强制性工程建设规范，必须执行；条文以原件为准。",
    "STANDARD": "国家推荐采用的标准，不是强制义务，这里只作提醒。",
    "GUIDE": "主管部门发布的指南，供参考，不是强制义务，这里只作提醒。",
    "PRACTICE": "技术规范、检查表或各地通行的做法，条文以原件为准。",
    "AGREED": "本平台为了核对数据作出的约定，不是法规规定，可以调整。",
}


def cite(document: str, article: str) -> str:
    """Document and article in one: 管理规范第28条, WS/T 821—2023 9.4.3."""
    return f"{document}{' ' if article[:1].isdigit() else ''}{article}"


def short_name(document: str) -> str:
    """The document's short name; the document itself where there is none."""
    return SHORT_NAMES.get(document, document)

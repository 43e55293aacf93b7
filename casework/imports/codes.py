"""What is wrong with a table as a whole or with the shape of a row. Codes are public: never reuse one."""

from __future__ import annotations

IMPORT_NO_HEADER = "REG-551"
IMPORT_COLUMN_MISSING = "REG-552"
IMPORT_COLUMN_TWICE = "REG-553"
IMPORT_COLUMN_UNKNOWN = "REG-554"
IMPORT_TOO_MANY_ROWS = "REG-555"
IMPORT_TOO_WIDE = "REG-556"
IMPORT_EMPTY = "REG-557"
IMPORT_UNREADABLE = "REG-558"
IMPORT_MERGED = "REG-559"
IMPORT_STATE = "REG-560"
IMPORT_ROW_HIDDEN = "REG-562"
IMPORT_SURPLUS = "REG-563"

CODES: dict[str, str] = {
    IMPORT_NO_HEADER: "导入文件里没有找到表头",
    IMPORT_COLUMN_MISSING: "导入文件缺少必需的列",
    IMPORT_COLUMN_TWICE: "导入文件里同一项有两列",
    IMPORT_COLUMN_UNKNOWN: "导入文件里有不认识的列，其内容不导入（提醒）",
    IMPORT_TOO_MANY_ROWS: "导入文件超过行数上限",
    IMPORT_TOO_WIDE: "导入文件超过列数上限",
    IMPORT_EMPTY: "导入文件没有数据行",
    IMPORT_UNREADABLE: "导入文件无法读完",
    IMPORT_MERGED: "导入文件有合并单元格",
    IMPORT_ROW_HIDDEN: "导入文件里这一行是隐藏的，没有导入",
    IMPORT_SURPLUS: "导入文件里这一行的内容比表头多",
    IMPORT_STATE: "导入任务的当前状态不能进行这一步",
}

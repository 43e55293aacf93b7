"""The codes and sentences of everything that can be wrong with an uploaded file. Codes never change their meaning."""

from __future__ import annotations

from ..problems import Problem, Rejected

FILE_CODES: dict[str, str] = {
    "FILE-001": "文件是空的。请检查原文件能否打开，再重新选择。",
    "FILE-002": "文件有 {size}，超过上限 {limit}。请压缩或拆分后再上传。",
    "FILE-003": "文件扩展名是“.{extension}”，内容却是{actual}。请用原软件另存为正确的格式，不要只改扩展名。",
    "FILE-004": "不支持这种文件（{actual}）。请上传{allowed}。",
    "FILE-005": "这是网页、SVG 或程序文件，可能带有脚本，不能上传。请上传{allowed}。",
    "FILE-006": "文件开头混入了其他内容，各软件可能读出不同结果。请用原软件重新导出后上传。",
    "FILE-007": (
        "这是苹果手机的 HEIC 照片，多数电脑打不开。"
        "请在手机“设置—相机—格式”中选“兼容性最佳”后重拍，或另存为 JPG 后上传。"
    ),
    "FILE-008": "图片有 {pixels} 万像素，超过上限 {limit} 万像素。请缩小后再上传。",
    "FILE-009": "图片已损坏或不完整，无法读出。请重新拍照或另存为 JPG 后上传。",
    "FILE-010": "PDF 设有打开密码，无法审阅。请去掉打开密码后重新导出。",
    "FILE-011": "PDF 有 {pages} 页，超过上限 {limit} 页。请拆分后分别上传。",
    "FILE-012": "PDF 含有脚本、自动执行动作或内嵌附件（{found}），不能上传。请用“打印为 PDF”重新生成。",
    "FILE-013": "PDF 已损坏或不符合规范，无法读出。请用原软件重新导出，或“打印为 PDF”。",
    "FILE-014": "PDF 中夹带了其他文件的内容。请用原软件重新导出，或“打印为 PDF”。",
    "FILE-015": "PDF 结构过于复杂，检查超时或超出内存。请用“打印为 PDF”重新生成，或拆分后上传。",
    "FILE-016": "表格解压后过大或压缩异常（{found}）。请只保留需要的工作表，另存为新的 xlsx 或 csv 后上传。",
    "FILE-017": "表格含有宏、内嵌文件或压缩包（{found}），不能上传。请另存为不含宏的 xlsx 或 csv。",
    "FILE-018": "表格已损坏或不是有效的 xlsx，无法读出。请用 WPS 或 Excel 打开后另存为 xlsx。",
    "FILE-019": "CSV 的文字编码无法识别。请另存为“CSV UTF-8（逗号分隔）”后上传。",
    "FILE-020": "CSV 中有不可见的空字符，可能不是文本文件。请用表格软件另存为“CSV UTF-8（逗号分隔）”。",
    "FILE-021": "查毒软件在文件中发现病毒，已拒收。请先为电脑查毒，再上传干净的文件。",
    "FILE-022": "图片结构异常（{found}），打开会耗尽时间或内存。请重新拍照，或用看图软件另存为 JPG 后上传。",
    "FILE-023": "表格内容展开后过大（{found}）。请删去多余的内容，或拆分成几个文件，另存后重新上传。",
    "FILE-024": "表格结构过于复杂，读取超时或超出内存。请把数据复制到新建的工作簿，另存为 xlsx 或 csv 后上传。",
    "FILE-025": "同时检查的文件较多，这个文件没有保存。请一分钟后重新上传。",
    "FILE-026": "平台存储空间不足，文件没有保存，其他内容也没有改变。请稍后重新上传；仍不能上传的，请联系平台管理员。",
    "FILE-027": "这个文件的内容已按保存期限删除，只保留了处理记录。如仍需要，请重新上传原文件。",
    "FILE-028": "存储中找不到这个文件的内容，或内容已损坏。请重新上传原文件；仍有问题的，请联系平台管理员核对存储。",
    "FILE-029": (
        "本机构已存放 {used} 文件，加上这一个会超过上限 {limit}，没有保存。"
        "请压缩后再传（照片不必用原图）；确需更多空间的，请联系平台管理员。"
    ),
    "FILE-030": (
        "您 24 小时内已上传 {used} 文件，加上这一个会超过上限 {limit}，没有保存。"
        "请明天再传，或合并表格后上传；确需更多的，请联系平台管理员。"
    ),
    "FILE-031": (
        "这个文件有打开密码，无法读取。请用 WPS 或 Excel 打开，在“文件”菜单的文档加密（保护工作簿）中去掉密码，保存后重新上传。"
    ),
}

#: What is not the file's fault, or has a status of its own in HTTP.
STATUS = {"FILE-002": 413, "FILE-025": 503, "FILE-026": 507, "FILE-027": 410, "FILE-028": 503}


def refuse(code: str, field: str = "file", **values: object) -> Rejected:
    """The exception for one code: `raise refuse("FILE-001")`. `values` fill the sentence's blanks."""
    status = STATUS.get(code, 422)
    return Rejected(Problem(code, field, FILE_CODES[code].format(**values)), status=status, title="文件不能上传")

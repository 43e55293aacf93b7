"""`verify_draw FILE`: compute a published draw anew; exit status 1 with file and line of the first thing that is wrong."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inspections.draw import verify

# A batch of a million rows takes about 400 MB; a file that would unpack to more is none of ours.
LARGEST = 1 << 30


class Command(BaseCommand):
    help = "用公布的文件重新计算一次双随机抽取；不一致时指出第一处所在的文件和行，退出码为 1"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="文件", help="公布的压缩包（zip）或者解开后的文件夹")
        parser.add_argument("--fingerprint", default="", metavar="指纹", help="抽取前公布的指纹（64 位十六进制）")
        parser.add_argument("--map", type=Path, metavar="对照表", help="保密的编号对照表 map.csv，持有者另行核对名称")
        parser.add_argument("--earlier", type=Path, metavar="文件", help="补充抽取所补充的那一批的文件")

    def handle(self, *args: Any, **options: Any) -> None:
        files = read(options["file"])
        found = verify(
            files,
            fingerprint=options["fingerprint"],
            id_map=_bytes(options["map"]) if options["map"] else None,
            earlier=read(options["earlier"]) if options["earlier"] else None,
        )
        if wrong := found.deviation:
            where = f"{wrong.file} 第 {wrong.line} 行" if wrong.line else wrong.file
            raise CommandError(f"不一致：{where}：{wrong.why}。", returncode=1)
        stage = f"抽中及必查 {found.visits} 家" if found.visits or "drawn.csv" in files else "尚未抽取"
        self.stdout.write(f"一致：名录 {found.rows} 行，{stage}。指纹 {found.fingerprint}")
        if not options["fingerprint"]:
            self.stdout.write("请与抽取前公布的指纹核对，或用 --fingerprint 给出。")


def read(path: Path) -> dict[str, bytes]:
    """The CSV files of a folder or zip by name. CommandError when there are none or they are too large."""
    if path.is_dir():
        return {file.name: _bytes(file) for file in sorted(path.glob("*.csv"))}
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(".csv")]
            if sum(entry.file_size for entry in entries) > LARGEST:
                raise CommandError(f"{path} 解开后过大")
            return {Path(entry.filename).name: archive.read(entry) for entry in entries}
    except (OSError, zipfile.BadZipFile) as error:
        raise CommandError(f"读不出 {path}：应为公布的压缩包或者文件夹") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"读不出 {path}") from error

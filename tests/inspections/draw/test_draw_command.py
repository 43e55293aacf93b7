"""`verify_draw`: Chinese words, file and line, exit status; folder and zip alike; the map and the earlier batch."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from inspections import draw as engine


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("verify_draw", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def folder(drawn: engine.Drawn, tmp_path: Path) -> Path:
    for name, content in engine.publish(drawn).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_folder_and_zip_verify(drawn, folder, tmp_path):
    said = run(folder, "--fingerprint", drawn.pool.fingerprint)
    assert said == f"一致：名录 60 行，抽中及必查 14 家。指纹 {drawn.pool.fingerprint}\n"
    with zipfile.ZipFile(tmp_path / "draw.zip", "w") as archive:
        for file in folder.glob("*.csv"):
            archive.write(file, f"2026-04/{file.name}")
    assert "请与抽取前公布的指纹核对" in run(tmp_path / "draw.zip")


def test_pool_alone_verifies_before_the_draw(drawn, tmp_path):
    for name, content in engine.publish_pool(drawn.pool).items():
        (tmp_path / name).write_bytes(content)
    assert "尚未抽取" in run(tmp_path)


def test_first_deviation_is_named(folder):
    changed = (folder / "pairs.csv").read_bytes().replace(b"FIRE", b"fire", 1)
    (folder / "pairs.csv").write_bytes(changed)
    line = changed[: changed.index(b"fire")].count(b"\n") + 1
    with pytest.raises(CommandError, match=f"不一致：pairs.csv 第 {line} 行：") as raised:
        run(folder)
    assert raised.value.returncode == 1


def test_what_is_no_draw_is_refused(tmp_path):
    (tmp_path / "draw.zip").write_bytes(b"PK no zip")
    for path in (tmp_path / "draw.zip", tmp_path / "none.zip"):
        with pytest.raises(CommandError, match="读不出"):
            run(path)
    with pytest.raises(CommandError, match="缺少文件"):
        run(tmp_path)


def test_map_is_checked_for_its_holder(drawn, folder):
    (folder / "secret").write_bytes(drawn.pool.id_map)
    assert run(folder, "--map", folder / "secret").startswith("一致")
    (folder / "secret").write_bytes(drawn.pool.id_map[:-5] + b"0000\n")
    with pytest.raises(CommandError, match=r"map\.csv"):
        run(folder, "--map", folder / "secret")

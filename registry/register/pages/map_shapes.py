"""Our own drawing of the city: where its nine counties and two zones lie to each other, no boundaries.

A real boundary may be shown only on an approved map (地图管理条例 第15条); these tiles state none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, HEIGHT = 400, 560
SHADES = (0.05, 0.14, 0.22, 0.3, 0.38)

# code → (short name, corners, middle of the label); units of the drawing, north at the top.
TILES: dict[str, tuple[str, str, tuple[int, int]]] = {
    "320921": ("响水", "80,20 210,20 250,100 80,100", (155, 60)),
    "320922": ("滨海", "130,100 250,100 300,180 130,180", (200, 140)),
    "320923": ("阜宁", "40,100 130,100 130,180 150,180 150,270 40,270", (88, 190)),
    "320924": ("射阳", "150,180 300,180 345,270 150,270", (235, 225)),
    "320925": ("建湖", "40,270 140,270 140,335 40,335", (90, 302)),
    "320902": ("亭湖", "140,270 345,270 360,335 140,335", (248, 302)),
    "320903": ("盐都", "30,335 140,335 140,450 30,450", (85, 392)),
    "3209GX": ("盐南", "140,335 205,335 205,400 140,400", (172, 367)),
    "320971": ("经开", "205,335 270,335 270,400 205,400", (237, 367)),
    "320904": ("大丰", "270,335 360,335 385,450 140,450 140,400 270,400", (300, 420)),
    "320981": ("东台", "60,450 385,450 390,540 60,540", (225, 495)),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One county as drawn; `shade` is the opacity of its colour, `count` None when not counted."""

    code: str
    short: str
    name: str
    corners: str
    x: int
    y: int
    count: int | None
    shade: float
    url: str

    @property
    def below(self) -> int:
        """Where the number stands."""
        return self.y + 20

    @property
    def words(self) -> str:
        """Name and number, as it is read out."""
        return f"{self.name}，{self.count:,} 家" if self.count is not None else self.name


def tiles(counts: Mapping[str, int] | None, names: Mapping[str, str], urls: Mapping[str, str]) -> list[Tile]:
    """Every tile from north to south; the more institutions, the darker. `counts` None: nothing is shaded."""
    most = max((counts or {}).values(), default=0)
    found = []
    for code, (short, corners, (x, y)) in TILES.items():
        count = None if counts is None else counts.get(code, 0)
        level = 0 if not count or not most else 1 + min(3, (count * 4 - 1) // most)
        found.append(Tile(code, short, names[code], corners, x, y, count, SHADES[level], urls[code]))
    return found

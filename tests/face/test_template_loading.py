"""Layout stays in the source: pages leave without it, texts of mails as they are written."""

from __future__ import annotations

import pytest
from django.template import engines


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    engine = engines["django"].engine
    monkeypatch.setattr(engine, "dirs", [tmp_path])

    def get(name: str, source: str) -> str:
        (tmp_path / name).write_text(source)
        return engine.get_template(name).render(engine_context())

    def engine_context():
        from django.template import Context

        return Context({"words": "甲\n    乙"})

    return get


def test_a_page_leaves_without_the_layout_of_its_source_and_with_that_of_its_content(loaded):
    page = loaded(
        "_joined.html", '<ul>\n    <li\n      class="a"\n    >{{ words }}\n      丙</li>\n</ul>\n<pre>1\n2</pre>\n'
    )
    assert page == '<ul> <li class="a">甲\n    乙 丙</li>\n</ul>\n<pre>1\n2</pre>\n'


def test_a_mail_is_sent_as_it_is_written(loaded):
    assert loaded("_joined.txt", "一：\n    缩进\n") == "一：\n    缩进\n"

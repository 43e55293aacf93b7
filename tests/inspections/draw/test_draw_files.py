"""Published files: one changed byte anywhere is named by file and line; nothing in them tells whose row it is."""

from __future__ import annotations

import dataclasses
import random

import pytest

from inspections import draw as engine


@pytest.fixture
def after(drawn: engine.Drawn) -> dict[str, bytes]:
    first = next(one.id for one in drawn.tickets if one.outcome == "CHOSEN")
    followed = engine.Followed(
        visited=(("320902", "P00000", "甲托育园"), ("320903", "P00001", "乙托育园")),
        visitors=(("HEALTH", "C0001", "张某"),),
        replacements=tuple(engine.replace(drawn, [(first, "CLOSED")])),
    )
    return engine.publish(drawn, when="after", followed=followed)


def test_what_is_published_verifies_at_every_stage(drawn, after):
    for files in (engine.publish_pool(drawn.pool), engine.publish(drawn), after):
        found = engine.verify(files, fingerprint=drawn.pool.fingerprint)
        assert found.deviation is None
        assert found.rows == 60
    assert found.visits == len(drawn.chosen) == 3 + 11


def test_one_changed_byte_is_named_by_file_and_line(after):
    """Every line of every file; a byte flipped at a place and in a way that a seeded generator picks."""
    chance = random.Random(2026)
    for name, content in after.items():
        starts = [0, *(at + 1 for at, byte in enumerate(content) if byte == 10)][:-1]
        for line, start in enumerate(starts, 1):
            end = content.index(b"\n", start)
            at = chance.randint(start, end)
            changed = bytearray(content)
            changed[at] ^= chance.randint(1, 255)
            deviation = engine.verify({**after, name: bytes(changed)}).deviation
            assert deviation is not None, (name, line)
            assert (deviation.file, deviation.line) == (name, line), deviation


def test_an_ending_cut_off_or_a_line_more_is_named(after):
    content = after["pool.csv"]
    assert engine.verify({**after, "pool.csv": content[:-1]}).deviation.line == 61
    shorter = engine.verify({**after, "pool.csv": content[: content.rindex(b"\n", 0, -1) + 1]}).deviation
    assert (shorter.file, shorter.line) == ("pool.csv", 61)
    longer = engine.verify({**after, "pool.csv": content + b"x,320902,1,,\n"}).deviation
    assert (longer.file, longer.line) == ("pool.csv", 62)
    without = {name: content for name, content in after.items() if name != "pairs.csv"}
    assert engine.verify(without).deviation == engine.Deviation("pairs.csv", 0, "缺少文件")


def test_a_result_that_was_made_up_with_all_its_seals_is_named(drawn):
    """Who changes a line and every seal after it is caught by computing the draw anew."""
    from inspections.draw import canonical, files

    honest = engine.publish(drawn)
    tickets = honest["tickets.csv"].decode().splitlines(keepends=True)
    line = next(number for number, text in enumerate(tickets, 1) if "CHOSEN" in text)
    tickets[line - 1] = tickets[line - 1].replace("CHOSEN", "RESERVE")
    forged = {name: honest[name] for name in files.STAGES["drawn"]} | {"tickets.csv": "".join(tickets).encode()}
    forged |= {"drawn.csv": canonical.line_list(forged)}
    found = engine.verify(files.sealed({**honest, **forged}))
    assert (found.deviation.file, found.deviation.line) == ("tickets.csv", line)


def test_a_replacement_out_of_turn_and_a_place_too_many_are_named(drawn):
    gone = next(one for one in drawn.tickets if one.outcome == "CHOSEN")
    (right,) = engine.replace(drawn, [(gone.id, "CLOSED")])
    wrong = engine.Followed((), (), (right._replace(replacement=drawn.reserves(gone.county)[1]),))
    found = engine.verify(engine.publish(drawn, when="after", followed=wrong)).deviation
    assert (found.file, found.line) == ("replacements.csv", 2)
    many = engine.Followed(tuple((gone.county, f"P{n}", "甲") for n in range(60)), ())
    assert engine.verify(engine.publish(drawn, when="after", followed=many)).deviation.file == "visited.csv"


def test_another_pool_than_the_announced_is_refused(drawn):
    other = engine.verify(engine.publish(drawn), fingerprint="0" * 64).deviation
    assert (other.file, other.line) == ("fingerprints.csv", 2)


def test_names_stand_neither_with_ids_nor_weights(drawn, after):
    before = b"".join(engine.publish(drawn).values())
    assert b"P000" not in before and b"C00" not in before
    for name in ("visited.csv", "visitors.csv"):
        assert not any(one.id.encode() in after[name] for one in drawn.tickets)
        assert b"weight" not in after[name] and b"rank" not in after[name]


def test_the_holder_of_the_map_checks_names_too(drawn, after):
    names = {row[1]: row[3] for row in _rows(drawn.pool.id_map)}
    chosen = drawn.chosen[0]
    county = next(one.county for one in drawn.tickets if one.id == chosen)
    right = engine.Followed(visited=((county, names[chosen], "甲"),), visitors=())
    wrong_id = next(one for one in drawn.tickets if one.outcome == "RESERVE")
    wrong = engine.Followed(visited=((wrong_id.county, names[wrong_id.id], "甲"),), visitors=())
    published = engine.publish(drawn, when="after", followed=right)
    assert engine.verify(published, id_map=drawn.pool.id_map).deviation is None
    found = engine.verify(engine.publish(drawn, when="after", followed=wrong), id_map=drawn.pool.id_map).deviation
    assert (found.file, found.line) == ("visited.csv", 2)
    assert engine.verify(published, id_map=drawn.pool.id_map[:-2]).deviation.file == "map.csv"


def test_no_place_stands_twice(drawn):
    """One id twice is seen by everyone; one place under two salts by those who hold the map."""
    from inspections.draw import canonical, secret
    from inspections.draw.pool import assemble
    from tests.inspections.draw.conftest import officer, place, rules, salt, source

    pool = drawn.pool
    with pytest.raises(engine.Refused, match="重复"):
        assemble([*pool.rows, pool.rows[0]], pool.officers, pool.rules, pool.recusals, map_sm3="")

    twice, officers = [place(1), dataclasses.replace(place(1), salt=salt("another"))], [officer(1), officer(2)]
    id_map = secret.id_map(
        [(secret.PLACE, one.salt, one.key) for one in twice]
        + [(secret.OFFICER, one.salt, one.certificate) for one in officers]
    )
    rows, sent = [one.published() for one in twice], [one.published() for one in officers]
    forged = assemble(rows, sent, rules(), frozenset(), map_sm3=canonical.fingerprint(id_map))
    published = engine.publish(engine.draw(forged, source()))
    assert engine.verify(published).deviation is None
    assert engine.verify(published, id_map=id_map).deviation == engine.Deviation(
        "map.csv", 5, "P00001 在名录中不止一行"
    )


def test_an_institution_finds_its_row_with_its_salt(drawn):
    _, row_id, salt, key = _rows(drawn.pool.id_map)[-1]
    assert engine.row_id(salt, key) == row_id
    assert row_id.encode() in engine.publish_pool(drawn.pool)["pool.csv"]


def _rows(content: bytes) -> list[list[str]]:
    return [line.split(",") for line in content.decode().splitlines()[1:]]

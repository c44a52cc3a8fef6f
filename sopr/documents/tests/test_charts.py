"""Charts: well-formed pictures that say their figures, escape texts and break no content policy."""

from xml.etree import ElementTree

import pytest

from sopr.documents.charts import Series, Share, Step, bars, lines, profile, share, structure

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_bars_keep_proportion_and_leave_a_dash_for_the_unknown():
    svg = bars(["I кв.", "II кв.", "III кв."], [Series("семей", [50, 100, None])], title="Принято")
    bodies = [float(r.get("height")) for r in ElementTree.fromstring(svg).iter(f"{SVG}rect")]
    assert bodies[1] == pytest.approx(2 * bodies[0], abs=0.2)
    assert len(bodies) == 2 and "–" in texts(svg)
    assert "Принято. семей: I кв. – 50, II кв. – 100, III кв. – –" in svg


def test_two_series_get_a_legend():
    svg = bars(["2020", "2021"], [Series("принято", [1, 2]), Series("снято", [2, 1])], title="Движение")
    assert {"принято", "снято"} <= set(texts(svg))


def test_a_line_is_not_drawn_over_the_unknown():
    svg = lines(["1", "2", "3", "4", "5"], [Series("семей", [1, 2, None, 4, 5])], title="Динамика")
    assert svg.count("<polyline") == 2


def test_structure_prints_parts_rests_and_shares():
    svg = structure(
        [Share("Многодетные", 248, 223), Share("Прочие", 0, 0)],
        title="Структура",
        part="преодолели",
        total=Share("Всего", 1500, 1350),
    )
    assert {"248", "223", "25", "90\u202f%", "1\u202f500", "1\u202f350"} <= set(texts(svg))
    assert "Многодетные: 248, преодолели 223" in svg
    assert "–" in texts(svg)  # the share of nothing


@pytest.mark.parametrize("values", [[], [0, 0], [None, None], [0.5, 0.25], [1_500_000, 3]])
def test_any_values_give_a_picture(values):
    labels = [str(i) for i in range(len(values))]
    for draw in (bars, lines):
        ElementTree.fromstring(draw(labels, [Series("ряд", values)], title="Пусто"))
    ElementTree.fromstring(structure([Share("а", int(v or 0)) for v in values], title="Пусто"))


def test_texts_are_escaped_and_nothing_needs_a_style():
    svg = bars(["<i>"], [Series('<script>alert("1")</script>', [1])], title="<b>")
    assert "<script>" not in svg and "<i>" not in svg and "<b>" not in svg
    assert "style=" not in svg and "<style" not in svg


def test_series_must_have_a_value_for_each_label():
    with pytest.raises(ValueError, match="1 values for 2 labels"):
        bars(["а", "б"], [Series("ряд", [1])], title="Ошибка")


def test_shares_round_half_up():
    assert [share(1, 8), share(1, 200), share(1, 3), share(1350, 1500)] == [13, 1, 33, 90]


def scores(*rows, names=("раньше", "теперь")):
    return profile([Step(*row) for row in rows], title="Профиль", most=4, ends=("нет", "угроза"), names=names)


def test_a_profile_says_each_score_and_draws_the_way_between():
    svg = scores(("Жильё", 3, 1), ("Доход", 1, 2), ("Право", 2, 2), ("Досуг", None, 1))
    assert "Жильё: было 3, стало 1; Доход: было 1, стало 2; Право: без изменений, 2; Досуг: 1" in svg
    assert {"3 / 1", "1 / 2", "2", "раньше", "теперь", "нет", "угроза"} <= set(texts(svg))
    assert svg.count('stroke-width="3"') == 2 and svg.count("stroke-dasharray") == 1  # only the worse one is dashed


def test_a_profile_seen_once_has_no_ring_in_its_legend():
    svg = scores(("Жильё", None, 4), names=("", "теперь"))
    assert "теперь" in texts(svg) and "" not in texts(svg)
    assert "<i>" not in scores(("<i>", 0, 0)) and "style=" not in svg

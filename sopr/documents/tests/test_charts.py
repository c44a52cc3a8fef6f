"""Charts: well-formed pictures that say their figures, escape texts and break no content policy."""

from xml.etree import ElementTree

from sopr.documents.charts import Step, profile

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


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

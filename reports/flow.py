"""A flow between two columns of names as SVG: bands as wide as their numbers. pygal has no such picture."""

from django.utils.html import escape

from reports.cells import thousands

WIDTH, MARGIN, NODE, SIDE = 720, 26, 12, 190  # of the picture; above and below; of a bar; for names on each side
GAP, LEAST, PER_MOVE = 18, 14, 46  # between bars; of a band, for its number; of height for each band, on the average
FONT = "font-family=\"'Doc Sans', 'PT Sans', sans-serif\" font-size=\"13\""


def draw_flow(picture, colours) -> str:
    """`picture.labels` flow into `picture.series`: a series has a value for each label."""
    moves = [
        (place, end, value)
        for place in range(len(picture.labels))
        for end, series in enumerate(picture.series)
        if (value := series.values[place])
    ]
    scale = PER_MOVE * len(moves) / sum(value for _place, _end, value in moves)
    wide = {(place, end): max(value * scale, LEAST) for place, end, value in moves}
    left = _bars(wide, 0, len(picture.labels))
    right = _bars(wide, 1, len(picture.series))
    height = max(bars[-1][0] + bars[-1][1] for bars in (left, right)) + MARGIN
    drawn = [*_bands(moves, wide, left, right, colours)]
    for number, (name, (top, tall)) in enumerate(zip(picture.labels, left, strict=True)):
        total = sum(value for place, _end, value in moves if place == number)
        drawn += _bar(SIDE, top, tall, colours[number % len(colours)], SIDE - 10, "end", name, total)
    for number, (series, (top, tall)) in enumerate(zip(picture.series, right, strict=True)):
        total = sum(value for _place, end, value in moves if end == number)
        drawn += _bar(WIDTH - SIDE - NODE, top, tall, "#23313A", WIDTH - SIDE + 10, "start", series.title, total)
    told = escape(f"{picture.title}. {picture.description}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}"><title>{told}</title>'
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>{"".join(drawn)}</svg>'
    )


def _bars(wide, side, count) -> list[tuple[float, float]]:
    """(top, height) of each bar of a side, one below another."""
    bars, top = [], MARGIN
    for number in range(count):
        tall = sum(width for ends, width in wide.items() if ends[side] == number)
        bars.append((top, tall))
        top += tall + GAP
    return bars


def _bands(moves, wide, left, right, colours):
    begun, ended = [top for top, _tall in left], [top for top, _tall in right]
    start, end, middle = SIDE + NODE, WIDTH - SIDE - NODE, WIDTH / 2
    for place, to, value in moves:
        above, below, width = begun[place], ended[to], wide[place, to]
        under, lower = above + width, below + width
        begun[place] += width
        ended[to] += width
        yield (
            f'<path d="M{start} {above:.1f}C{middle} {above:.1f} {middle} {below:.1f} {end} {below:.1f}'
            f"V{lower:.1f}C{middle} {lower:.1f} {middle} {under:.1f} {start} {under:.1f}Z"
            f'" fill="{colours[place % len(colours)]}" fill-opacity="0.45"/>'
            f'<text x="{start + 8}" y="{above + width / 2 + 4.5:.1f}" fill="#23313A" {FONT}>{thousands(value)}</text>'
        )


def _bar(x, top, tall, colour, text_x, anchor, name, total):
    yield f'<rect x="{x}" y="{top:.1f}" width="{NODE}" height="{tall:.1f}" fill="{colour}"/>'
    y = top + tall / 2 + 4.5
    named = f"{escape(name)}: {thousands(total)}"
    yield f'<text x="{text_x}" y="{y:.1f}" text-anchor="{anchor}" fill="#23313A" {FONT}>{named}</text>'

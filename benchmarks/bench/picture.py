"""Draws a run's medians as bars: plain SVG that reads on a light and on a dark page."""

import statistics
from xml.sax.saxutils import escape

from bench.cases import CASES
from bench.results import Run, contenders, rates

WIDTH, LABEL, VALUE, BAR, GAP = 860, 130, 150, 15, 34
# Middle tones: each has enough contrast with white and with black.
COLOURS = {"sink": "#2f81f7", "ceiling": "#8b949e", "native": "#2da44e", "consume": "#b58900", "python": "#cf5a5a",
           "jdbc": "#a371f7"}
STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #24292f }
@media (prefers-color-scheme: dark) { text { fill: #9da7b3 } .title { fill: #e6edf3 } }
</style>"""


def svg(run: Run) -> str:
    parts: list[str] = []
    y = 20
    for letter, case in CASES.items():
        medians = {}
        for name in contenders(run, letter):
            if found := rates(run, letter, name):
                medians[name] = statistics.median(found.values())
        if not medians:
            continue
        parts.append(f'<text class="title" x="0" y="{y}">{letter}: {escape(case.title)}, events/s</text>')
        y += 10
        greatest = max(medians.values())
        for name, value in medians.items():
            length = max(1, value / greatest * (WIDTH - LABEL - VALUE))
            colour = COLOURS[name.split("-")[0]]
            parts.append(f'<text x="{LABEL - 8}" y="{y + BAR - 3}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<rect x="{LABEL}" y="{y}" width="{length:.0f}" height="{BAR - 3}" fill="{colour}"/>')
            parts.append(f'<text x="{LABEL + length + 6:.0f}" y="{y + BAR - 3}">{value:,.0f}</text>')
            y += BAR + 3
        y += GAP - 10
    height = max(y, 40)
    title = f"Handover's sink beside PostgreSQL's own speed, {run.begun[:10]}"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img">\n<title>{escape(title)}</title>\n{STYLE}\n' + "\n".join(parts) + "\n</svg>\n")

"""Puts right what a row alone does not say: merged cells, hidden ones, and addresses behind links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from subscribers.transfer.sheets.frame import Merge


class Finish:
    """Called with each row in turn, as ``rows.Finish``."""

    def __init__(
        self, merges: Iterable[Merge], addresses: Mapping[tuple[int, int], str], hidden_columns: Iterable[int]
    ) -> None:
        self._hidden = sorted(hidden_columns)
        self._ahead = sorted(merges, reverse=True)
        # By column, the last row and the text of the merged cell that goes on.
        self._open: dict[int, tuple[int, str]] = {}
        self._rows_of_links: dict[int, dict[int, str]] = {}
        for (row, column), address in addresses.items():
            self._rows_of_links.setdefault(row, {})[column] = address

    def __call__(self, number: int, cells: list[str], linked: dict[int, str]) -> None:
        linked = self._rows_of_links.pop(number, {}) | linked
        if linked and not any("@" in cell for cell in cells):
            _spell_out(cells, linked)
        if self._ahead or self._open:
            self._fill_merged(number, cells)
        for column in self._hidden:
            if column < len(cells):
                cells[column] = ""

    def _fill_merged(self, number: int, cells: list[str]) -> None:
        """What a merged cell says, it says of each of its rows that says anything else."""
        while self._ahead and self._ahead[-1].top <= number:
            merge = self._ahead.pop()
            if merge.top == number and merge.left < len(cells) and cells[merge.left]:
                self._open[merge.left] = merge.bottom, cells[merge.left]
        self._open = {column: (last, text) for column, (last, text) in self._open.items() if last >= number}
        if any(cells):
            _fill(cells, ((column, text) for column, (_last, text) in self._open.items()))


def _spell_out(cells: list[str], linked: Mapping[int, str]) -> None:
    """``Ann Lee``, linked to a mail to her, as ``Ann Lee <ann@example.org>``."""
    _fill(cells, ((column, "") for column in linked))
    for column, address in linked.items():
        cells[column] = f"{cells[column]} <{address}>" if cells[column] else address


def _fill(cells: list[str], texts: Iterable[tuple[int, str]]) -> None:
    for column, text in texts:
        if column >= len(cells):
            cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = cells[column] or text

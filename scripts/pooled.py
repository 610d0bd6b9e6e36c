"""Print contagion on the exit panel under the pooled and the crossed law, with the reason why they differ."""

from __future__ import annotations

from exeunt.explain.estimates import beside
from exeunt.explain.fit import fit
from exeunt.panel.build import exit_panel
from exeunt.record.opened import open_record


def main() -> None:
    """Fit both and print."""
    panel = exit_panel(open_record())
    rows = beside(panel, fit(panel, calibrate=False))
    for row in rows:
        print(
            f"{row['law']}: {row['term']} {row['estimate']:.2f} (95 % {row['conf_low']:.2f} to {row['conf_high']:.2f}; "
            f"{row['rows']} rows, {row['events']} events)"
        )
    print(rows[0]["reason"])


if __name__ == "__main__":
    main()

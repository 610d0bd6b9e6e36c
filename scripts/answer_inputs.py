"""The fixed inputs of `compare_answers.py`: command lines and addresses, some 300, chosen to meet every rule and view."""

from __future__ import annotations

from urllib.parse import quote

PAIRS = {
    "USA": ("who", "unesco", "unfccc", "paris", "un", "unhrc", "iwc", "unido", "ilo", "ipcc", "upu"),
    "GBR": ("unesco", "eu", "un", "iwc", "ipu"), "DEU": ("un", "nato", "ect", "echr"), "TWN": ("who", "un", "wto"),
    "CHN": ("un", "who", "wto"), "RUS": ("coe", "un", "echr", "icc"), "IDN": ("un", "opec"), "GRC": ("coe", "nato"),
    "HUN": ("icc", "iib"), "NIC": ("oas",), "VEN": ("oas",), "MLI": ("ecowas", "icc"), "ARG": ("who", "mercosur"),
    "JPN": ("iwc", "un"), "PHL": ("icc",), "ZAF": ("commonwealth", "un", "icc"), "MAR": ("au", "un"), "BGR": ("iib", "eu"),
    "ROU": ("iib",), "QAT": ("opec",), "ARE": ("opec",), "BDI": ("icc",), "KIR": ("un",), "PRK": ("npt", "iaea"),
    "EST": ("ottawa", "un"), "CUB": ("oas", "iib"),
}  # fmt: skip
DAYS = ("1950-06-01", "1986-07-01", "2020-12-31", "2026-11-01")
"""Each pair on each, but for pairs of the states that only the last two concern."""
BODIES = ("un", "who", "unesco", "iib", "icc", "opec", "eu", "paris", "iwc", "ecowas", "oas", "nato", "unfccc", "coe")
CASES = ("usa-2026-01", "gbr-eu-2016", "sahel-ecowas-2024", "bloc-who-1949", "jpn-iwc-2018", "idn-un-1965", "ect-2022")
MODELS = (
    ("explain", "usa-2026-01"), ("explain", "GBR", "eu", "2014"), ("argue", "critique-of-batch-2026"),
    ("argue", "case-for-batch-2026"), ("argue", "literature-on-exit"),
    ("simulate", "baseline", "--worlds", "20", "--years", "3"),
    ("attributes",), ("sequence",), ("calibration",), ("feedback",), ("compare", "--part", "pooled"),
    ("forecast", "--backtest"),
)  # fmt: skip
"""Long work on a cold cache; asked with --models only."""


def commands(models: bool = False) -> list[tuple[str, ...]]:
    """Every command line, without `--format json --quiet`."""
    found: list[tuple[str, ...]] = [
        ("cases",), ("exits",), ("codebook",), ("codebook", "join"), ("codebook", "terms"), ("codebook", "outcomes"),
        ("sql", "--tables"), ("sql", "SELECT state, count(*) AS n FROM acts GROUP BY 1 ORDER BY 1"), ("argue", "--list"),
        ("check", "--staleness"), ("check", "--against", "bv2019"), ("refresh", "--list"), ("diff", "embedded", "embedded"),
    ]  # fmt: skip
    for state, bodies in PAIRS.items():
        for body in bodies:
            days = DAYS if state in ("USA", "GBR", "RUS", "ZAF", "IDN") else DAYS[2:]
            found += [("status", state, body, "--as-of", day) for day in days]
            found.append(("clock", state, body))
    found += [
        ("status", "美國", "世界衛生組織"),
        ("status", "USA", "who", "--as-of", "2030-01-01", "--known-by", "2025-06-30"),
    ]
    found += [("clock", "HUN", "icc", "--notified", "2025-06-02"), ("clock", "GBR", "eu", "--as-of", "2018-01-01")]
    for body in BODIES:
        found += [("members", body), ("members", body, "--as-of", "1980-01-01"), ("exits", "--body", body)]
    found += [("members", "wto", "--labels", label) for label in ("common", "un", "own", "wto")]
    found += [("exits", "--state", state) for state in ("USA", "GBR", "IDN", "ZAF", "TWN")]
    found += [
        ("exits", "--announced", "2026"),
        ("exits", "--effective", "2016/2018"),
        ("exits", "--as-of", "1990-01-01"),
    ]
    found += [("money", body) for body in ("who", "unesco", "un", "unfpa")]
    found += [("article19", state) for state in ("USA", "VEN", "DEU")]
    for case in CASES:
        found += [("money", case, "--view", view) for view in ("loss", "owed", "refill")]
        views = ("summary", "vacuum", "isolation", "partners", "company", "dependents")
        found += [("consequence", case, "--view", view) for view in (views if case in CASES[:3] else views[:1])]
    found += [("money", "who", "--view", view) for view in ("history", "events", "bands")]
    found += [("argue", name, "--facts") for name in ("critique-of-batch-2026", "case-for-batch-2026")]
    return found + list(MODELS if models else ())


def addresses() -> list[str]:
    """Every address of the API."""
    found = ["record", "states", "states?region=Africa", "bodies", "bodies?leaveable=treaty", "cases", "scenarios",
             "exits-by-region", "exits-by-year", "exits-by-year?state=USA", "curve?state=USA", "curve?state=GBR",
             "money?target=who&state=USA", "money?target=unesco&year=2019", "compare?a=MLI&b=NER&as_of=2024-06-01",
             "exits?state=USA", "exits?body=unesco", "exits?region=Africa", "acts?state=USA&body=who",
             "openapi.json"]  # fmt: skip
    found += [f"search?q={quote(text)}" for text in ("WHO", "unesko", "美國", "世界衛生")]
    for state, bodies in PAIRS.items():
        found += [f"memberships?state={state}&as_of=2020-12-31"]
        found += [f"{name}?state={state}&body={bodies[0]}" for name in ("status", "clock")]
    found += [f"members?body={body}" for body in BODIES[:6]] + [f"clauses?body={body}" for body in BODIES[:6]]
    found += [f"case?case={case}" for case in CASES]
    return [f"/api/{one}" for one in found]

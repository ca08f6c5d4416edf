"""The only code that connects outward."""

import sys

# httpx brings a command line along, and with it rich, pygments and click: 4 MB of each process that
# connects outward. Where that cannot be imported, it does without (its __init__.py).
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

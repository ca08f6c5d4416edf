"""Public: what a test of a node or of a plug-in needs, and what the demo is made of."""

import sys

if "pytest" in sys.modules:  # so that a contract that fails shows its values, not a bare assert
    for _suite in ("bridge_contract", "platform_contract"):
        sys.modules["pytest"].register_assert_rewrite(f"relay.testing.{_suite}")

"""Public: what a test of a node or of a plug-in needs, and what the demo is made of."""

import sys

if "pytest" in sys.modules:  # so that a contract that fails shows its values, not a bare assert
    sys.modules["pytest"].register_assert_rewrite("relay.testing.bridge_contract")

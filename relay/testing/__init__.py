"""Public: what a test of a node or of a plug-in needs, and what the demo is made of."""

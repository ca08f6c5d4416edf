"""The processes of a node, one file each; they only wire parts together."""

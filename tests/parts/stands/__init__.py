"""One file a platform: its stand-in before its bridge, for every suite that needs both."""
